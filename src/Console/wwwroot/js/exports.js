// Progress of exports: asked for gently until each is ready, then the page is read again.
for (const entry of document.querySelectorAll('[data-export]')) {
  if (!entry.dataset.export) continue;
  let pause = 1000;
  const ask = async () => {
    const answer = await fetch(entry.dataset.export, { headers: { Accept: 'application/json' } });
    if (!answer.ok) return;
    const state = await answer.json();
    if (state.done) {
      location.reload();
      return;
    }
    entry.querySelector('progress').value = state.progress;
    entry.querySelector('[data-sentence]').textContent = state.sentence;
    pause = Math.min(10000, pause * 1.5);
    setTimeout(ask, pause);
  };
  setTimeout(ask, pause);
}
