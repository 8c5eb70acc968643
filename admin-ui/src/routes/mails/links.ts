/** Where the links of a mail lead, each once. */
export function linksIn(html: string): string[] {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const found = [...page.querySelectorAll('a[href]')].map((a) => a.getAttribute('href') ?? '');
  return [...new Set(found)].filter((href) => /^https?:\/\//.test(href));
}
