/** Offers a text as a file to keep. */
export function saveAs(name: string, text: string, type = 'text/plain'): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has its own hold of the data by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
