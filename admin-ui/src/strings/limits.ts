import { countOf } from '../format/numbers';

/** The words of what the server lets through. */
export const limitStrings = {
  rates: {
    title: 'Rate limits',
    text: 'How many requests one address may make. Superusers are not counted.',
    use: 'Limit the rate of requests',
    caption: 'Rules. The closest name decides, whatever the order.',
    label: 'Requests',
    labelHelp:
      'A tag such as posts:list or *:auth, a path, or a path with a method before it. A slash at the end stands for all paths below.',
    audience: 'From',
    audiences: { '': 'Everybody', '@guest': 'Guests', '@auth': 'Signed-in people' },
    most: 'At most',
    duration: 'Seconds',
    of: (what: string, rule: number) => `${what}, rule ${rule}`,
    remove: (rule: number) => `Remove rule ${rule}`,
    add: 'Add a rule',
    none: 'There is no rule yet: nothing is limited.',
    excluded: 'Never limited',
    excludedHelp: 'Addresses or networks, one on a line: 10.0.0.1, 10.0.0.0/8.',
    tryTitle: 'Which rule does a request meet?',
    method: 'Method',
    path: 'Path',
    by: 'By',
    met: (rule: number, label: string, most: number, seconds: number) =>
      `Rule ${rule} (${label}): ${countOf(most, 'request')} in ${countOf(seconds, 'second')}.`,
    free: 'No rule: it is not limited.',
  },
  batch: {
    title: 'Batches',
    text: 'Many changes of records in one request, all of them or none.',
    use: 'Allow batches',
    most: 'Requests in one',
    timeout: 'Seconds they may take',
    body: 'Size of the body, in bytes',
    bodyHelp: '0 takes the limit of the server, 128 MB.',
  },
  proxy: {
    title: 'Proxies in front',
    text: 'Behind a proxy the address of a client stands in a header. Trust only headers that the proxy always sets itself, or clients can make up their address.',
    headers: 'Headers to trust',
    headersHelp: 'One on a line; the first one that a request has counts.',
    leftmost: 'Take the leftmost address of a list',
    leftmostHelp: 'Else the rightmost one, which the last proxy wrote.',
    seen: 'This request came from',
    seenAs: 'for the server, as the settings are saved now.',
    hint: (header: string) => `It has the header ${header}: there seems to be a proxy.`,
    trust: (header: string) => `Trust ${header}`,
  },
  superusers: {
    title: 'Superusers',
    text: 'Their tokens work from these addresses only. Empty means from everywhere.',
    ips: 'Addresses',
    ipsHelp: 'Addresses or networks, one on a line.',
    line: (line: string, reason: string) => `${line}: ${reason}`,
    wrong: 'This is no address and no network.',
    add: (ip: string) => `Add yours, ${ip}`,
    lockedOut: (ip: string) =>
      `You ask from ${ip}, which is not in the list: saving this would lock you out.`,
  },
};
