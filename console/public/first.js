// Before the first paint: the theme that was chosen at the last visit. The rest of the settings can wait.
try {
  document.documentElement.dataset.theme = JSON.parse(localStorage.getItem('nexus.settings') ?? '{}').theme ?? 'system';
} catch {
  // Nothing can be kept here, so nothing was chosen.
}
