// Drag and drop, and progress for each file. Without script the form sends all files at once.
const form = document.querySelector('[data-upload]');
if (form) {
  const drop = form.querySelector('[data-drop]');
  const input = form.querySelector('input[type=file]');
  const list = form.querySelector('[data-progress]');
  const row = form.querySelector('template[data-row]');
  const words = form.querySelector('[data-words]').dataset;
  const largest = 25 * 1024 * 1024;

  for (const name of ['dragenter', 'dragover']) {
    drop.addEventListener(name, event => { event.preventDefault(); drop.classList.add('over'); });
  }
  for (const name of ['dragleave', 'drop']) drop.addEventListener(name, () => drop.classList.remove('over'));
  drop.addEventListener('drop', event => {
    event.preventDefault();
    send([...event.dataTransfer.files]);
  });
  form.addEventListener('submit', event => {
    event.preventDefault();
    event.stopImmediatePropagation();
    send([...input.files]);
    input.value = '';
  });

  async function send(files) {
    list.hidden = files.length === 0 && list.children.length === 0;
    const entries = files.map(file => {
      const entry = row.content.cloneNode(true).firstElementChild;
      entry.querySelector('[data-name]').textContent = file.name;
      list.append(entry);
      return { file, entry };
    });
    for (const { file, entry } of entries) await one(file, entry);
  }

  function one(file, entry) {
    const state = entry.querySelector('[data-state]');
    const bar = entry.querySelector('progress');
    const fail = sentence => { state.textContent = `${words.failed}: ${sentence}`; state.className = 'bad'; bar.remove(); };
    if (file.size > largest) {
      fail(words.big);
      return Promise.resolve();
    }
    return new Promise(done => {
      const body = new FormData();
      body.append('__RequestVerificationToken', form.elements.__RequestVerificationToken.value);
      body.append('once', crypto.randomUUID().replaceAll('-', ''));
      body.append('files', file);
      const call = new XMLHttpRequest();
      call.open('POST', form.action);
      call.setRequestHeader('Accept', 'application/json');
      call.responseType = 'json';
      state.textContent = words.sending;
      call.upload.addEventListener('progress', event => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
      call.upload.addEventListener('load', () => { state.textContent = words.starting; });
      call.addEventListener('loadend', () => {
        if (call.status === 401) location.href = '/sign-in?ended=1&return=%2Fdocuments';
        else if (call.status === 200) {
          bar.value = 1;
          state.className = 'good';
          const link = document.createElement('a');
          link.href = call.response.instances[0];
          link.textContent = words.open;
          state.replaceChildren(`${words.done} · `, link);
        } else fail(call.response?.error ?? String(call.status || ''));
        done();
      });
      call.send(body);
    });
  }
}
