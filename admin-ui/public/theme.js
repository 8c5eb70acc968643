// Applies the chosen theme before the first paint; a file of its own so that the
// content security policy can forbid inline scripts.
(() => {
  try {
    const theme = JSON.parse(localStorage.getItem('greenroom_prefs') ?? '{}').theme;
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // Storage may be blocked or hold nonsense: the system's theme is right then.
  }
})();
