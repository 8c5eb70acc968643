/**
 * What a mail says, without what the content policy of this page forbids: styles of its own. It
 * looks plainer than in a mailbox; `mail.css` gives it a look.
 */
export function plainMail(html: string): string {
  const page = new DOMParser().parseFromString(html, 'text/html');
  for (const element of page.querySelectorAll('style, link, script, meta, base')) element.remove();
  for (const element of page.querySelectorAll('[style]')) element.removeAttribute('style');
  return page.body.innerHTML;
}
