/** Addresses and networks as the settings hold them: `10.0.0.1`, `10.0.0.0/8`, `2001:db8::/32`. */

interface Address {
  version: 4 | 6;
  bits: bigint;
}

const V4_IN_V6 = 0xffffn;

function parseV4(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^(0|[1-9]\d{0,2})$/.test(part))) return null;
  const numbers = parts.map(Number);
  if (numbers.some((number) => number > 255)) return null;
  return numbers.reduce((sum, number) => (sum << 8n) | BigInt(number), 0n);
}

function parseV6(text: string): bigint | null {
  const [head = '', tail, ...rest] = text.split('::');
  if (rest.length) return null;
  const first = groupsOf(head);
  const last = tail === undefined ? [] : groupsOf(tail);
  if (!first || !last) return null;
  const missing = 8 - first.length - last.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...first, ...Array<bigint>(missing).fill(0n), ...last];
  return groups.reduce((sum, group) => (sum << 16n) | group, 0n);
}

/** Groups of 16 bits; the last may be an IPv4 address. */
function groupsOf(text: string): bigint[] | null {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [at, part] of parts.entries()) {
    if (part.includes('.')) {
      const v4 = at === parts.length - 1 ? parseV4(part) : null;
      if (v4 === null) return null;
      groups.push(v4 >> 16n, v4 & 0xffffn);
    } else if (/^[\da-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return null;
  }
  return groups;
}

function parseAddress(text: string): Address | null {
  if (!text.includes(':')) {
    const bits = parseV4(text);
    return bits === null ? null : { version: 4, bits };
  }
  const bits = parseV6(text);
  if (bits === null) return null;
  // An IPv4 address in IPv6 clothes counts as IPv4.
  return bits >> 32n === V4_IN_V6
    ? { version: 4, bits: bits & 0xffff_ffffn }
    : { version: 6, bits };
}

interface Network extends Address {
  /** So many bits from the right may be anything. */
  open: bigint;
}

function parseNetwork(text: string): Network | null {
  const [own = '', size, ...rest] = text.split('/');
  const address = parseAddress(own);
  if (!address || rest.length || (size !== undefined && !/^\d{1,3}$/.test(size))) return null;
  const most = own.includes(':') ? 128 : 32;
  const bits = size === undefined ? most : Number(size);
  if (bits > most) return null;
  // A network such as ::ffff:10.0.0.0/104 counts its bits from the left of 128.
  const open = Math.min(most - bits, address.version === 4 ? 32 : 128);
  return { ...address, open: BigInt(open) };
}

export function isNetwork(text: string): boolean {
  return parseNetwork(text) !== null;
}

/** Whether any network of the list holds the address; texts that are none hold nothing. */
export function networksContain(list: readonly string[], address: string): boolean {
  const wanted = parseAddress(address);
  return list.some((text) => {
    const network = parseNetwork(text);
    if (!network || network.version !== wanted?.version) return false;
    return (network.bits ^ wanted.bits) >> network.open === 0n;
  });
}
