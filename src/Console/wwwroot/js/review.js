// The review desk: pages drawn to canvas with the fields' boxes over them, keys, dwell and what was looked at.
const viewer = document.querySelector('[data-viewer]');
const desk = document.querySelector('[data-review]');
const opened = new Set();

class Pages {
  constructor(root) {
    this.root = root;
    this.host = root.querySelector('[data-pages]');
    this.marks = [...root.querySelectorAll('template[data-mark]')].map(t => ({
      field: t.dataset.mark, label: t.dataset.label, page: Number(t.dataset.page), tone: t.dataset.tone,
      x: Number(t.dataset.x), y: Number(t.dataset.y), w: Number(t.dataset.w), h: Number(t.dataset.h),
    }));
    this.zoom = 1;
    this.sheets = [];
  }

  async open() {
    const { src, type } = this.root.dataset;
    const answer = await fetch(src, { credentials: 'same-origin' });
    if (!answer.ok) throw new Error(`The document answered ${answer.status}`);
    const bytes = await answer.arrayBuffer();
    if (type === 'application/pdf') await this.openPdf(bytes);
    else await this.openImage(new Blob([bytes], { type }));
    this.root.querySelector('[data-loading]')?.remove();
    await this.draw();
  }

  async openPdf(bytes) {
    const lib = this.root.dataset.lib;
    const pdfjs = await import(`${lib}pdf.min.mjs`);
    pdfjs.GlobalWorkerOptions.workerSrc = `${lib}pdf.worker.min.mjs`;
    const pdf = await pdfjs.getDocument({
      data: bytes, isEvalSupported: false, enableXfa: false, useWasm: false,
      cMapUrl: `${lib}cmaps/`, cMapPacked: true, standardFontDataUrl: `${lib}standard_fonts/`, wasmUrl: `${lib}wasm/`,
    }).promise;
    for (let number = 1; number <= Math.min(pdf.numPages, 50); number++) {
      const page = await pdf.getPage(number);
      const view = page.getViewport({ scale: 1 });
      this.sheets.push({
        number, width: view.width, height: view.height,
        paint: (canvas, scale) => page.render({ canvas, canvasContext: canvas.getContext('2d'), viewport: page.getViewport({ scale }) }).promise,
      });
    }
  }

  async openImage(blob) {
    const picture = await createImageBitmap(blob);
    // Boxes of a scanned page are in points of the size the service reports; without it the picture's own pixels count.
    const points = Number(this.root.dataset.width) || picture.width;
    const ratio = points / picture.width;
    this.sheets.push({
      number: 1, width: picture.width * ratio, height: picture.height * ratio,
      paint: async (canvas) => canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height),
    });
  }

  async draw() {
    const room = this.host.clientWidth - 24;
    const round = (this.round ?? 0) + 1;
    this.round = round;
    for (const sheet of this.sheets) {
      const scale = Math.max(0.2, (room / sheet.width) * this.zoom);
      const sharp = Math.min(2, window.devicePixelRatio || 1);
      if (!sheet.element) {
        sheet.element = document.createElement('div');
        sheet.element.className = 'sheet-page';
        sheet.element.dataset.page = sheet.number;
        this.host.append(sheet.element);
      }
      const canvas = document.createElement('canvas');
      canvas.width = Math.floor(sheet.width * scale * sharp);
      canvas.height = Math.floor(sheet.height * scale * sharp);
      canvas.style.width = `${sheet.width * scale}px`;
      canvas.style.height = `${sheet.height * scale}px`;
      canvas.setAttribute('role', 'img');
      canvas.setAttribute('aria-label', `${this.host.getAttribute('aria-label')} ${sheet.number}`);
      await sheet.paint(canvas, scale * sharp);
      if (round !== this.round) return;
      sheet.element.replaceChildren(canvas, ...this.marks.filter(m => m.page === sheet.number).map(m => this.mark(m, scale)));
    }
    this.root.dataset.ready = 'yes';
  }

  mark(m, scale) {
    // For the pointer only: by keyboard and for readers the button beside each field does the same.
    const button = document.createElement('div');
    button.setAttribute('aria-hidden', 'true');
    button.className = `mark mark-${m.tone}`;
    button.dataset.for = m.field;
    // A little air around the text, so that the box frames it.
    const air = 1.5;
    Object.assign(button.style, {
      left: `${(m.x - air) * scale}px`, top: `${(m.y - air) * scale}px`, width: `${(m.w + 2 * air) * scale}px`, height: `${(m.h + 2 * air) * scale}px`,
    });
    const tag = document.createElement('span');
    tag.className = 'tag';
    tag.textContent = m.label;
    button.append(tag);
    button.addEventListener('click', () => focusField(m.field));
    return button;
  }

  show(field, scroll) {
    for (const on of this.host.querySelectorAll('.mark.on')) on.classList.remove('on');
    const marks = [...this.host.querySelectorAll('.mark')].filter(m => m.dataset.for === field);
    marks.forEach(m => m.classList.add('on'));
    if (marks.length && scroll) {
      const box = marks[0].getBoundingClientRect();
      const room = this.host.getBoundingClientRect();
      this.host.scrollBy({ top: box.top - room.top - room.height / 3, left: box.left - room.left - room.width / 3, behavior: 'smooth' });
    }
    if (marks.length) opened.add(field);
  }
}

function focusField(name) {
  const row = [...document.querySelectorAll('[data-field]')].find(r => r.dataset.field === name);
  row?.querySelector('input, .locate')?.focus();
  row?.scrollIntoView({ block: 'nearest' });
}

let pages;
if (viewer?.dataset.src && viewer.querySelector('[data-loading]')) {
  pages = new Pages(viewer);
  if (desk?.dataset.document) opened.add(desk.dataset.document);
  pages.open().catch(error => {
    viewer.querySelector('[data-loading]')?.remove();
    const failed = viewer.querySelector('[data-failed]');
    if (failed) failed.hidden = false;
    viewer.dataset.ready = 'failed';
    console.error(error);
  });
  viewer.addEventListener('click', event => {
    const zoom = event.target.closest('[data-zoom]');
    if (!zoom) return;
    pages.zoom = Math.max(0.5, Math.min(4, pages.zoom * (zoom.dataset.zoom > 0 ? 1.25 : 0.8)));
    pages.draw();
  });
  let width = viewer.clientWidth;
  new ResizeObserver(() => {
    if (Math.abs(viewer.clientWidth - width) < 8 || !pages.sheets.length) return;
    width = viewer.clientWidth;
    pages.draw();
  }).observe(viewer);
}

// A field that is looked at lights its box, and the other way round.
document.querySelectorAll('[data-field]').forEach(row => {
  const light = scroll => {
    document.querySelectorAll('.read-field.on').forEach(r => r.classList.remove('on'));
    row.classList.add('on');
    pages?.show(row.dataset.field, scroll);
  };
  row.addEventListener('focusin', () => light(true));
  row.addEventListener('pointerenter', () => light(false));
  row.querySelector('.locate')?.addEventListener('click', () => {
    light(true);
    const paper = document.querySelector(`[data-paper="${CSS.escape(row.dataset.field.split('.').pop())}"]`);
    paper?.scrollIntoView({ block: 'center' });
    if (paper) opened.add(row.dataset.field);
  });
});

// Signing: what changed decides which verb fits; how long it was looked at goes along.
const form = document.querySelector('[data-answer]');
if (form) {
  const inputs = [...form.querySelectorAll('input[data-was]')];
  const verb = name => form.querySelector(`[data-verb="${name}"]`);
  const weigh = () => {
    let changed = 0;
    for (const input of inputs) {
      const different = input.value.trim() !== input.dataset.was;
      input.closest('.read-field').classList.toggle('changed', different);
      if (different) changed++;
    }
    if (verb('approve')) verb('approve').disabled = changed > 0;
    if (verb('correct')) {
      verb('correct').disabled = changed === 0;
      verb('correct').classList.toggle('button-primary', changed > 0);
    }
  };
  inputs.forEach(input => input.addEventListener('input', weigh));
  weigh();

  let seen = 0;
  let since = document.visibilityState === 'visible' ? performance.now() : null;
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') since = performance.now();
    else if (since !== null) {
      seen += performance.now() - since;
      since = null;
    }
  });
  form.addEventListener('submit', event => {
    if (event.submitter?.value === 'reject' && !form.elements.reason.value.trim()) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const box = document.getElementById('reason-box');
      box.open = true;
      form.elements.reason.setAttribute('aria-invalid', 'true');
      form.elements.reason.focus();
      return;
    }
    form.elements.dwell.value = Math.round(seen + (since === null ? 0 : performance.now() - since));
    form.elements.opened.value = [...opened].join(',');
  });
}

document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea, select') || document.querySelector('dialog[open]')) return;
  const press = name => document.querySelector(`[data-verb="${name}"]:not(:disabled)`);
  if (event.key === 'a' && press('approve')) press('approve').focus();
  else if (event.key === 'r' && press('reject')) press('reject').click();
  else if (event.key === 'c' && press('claim')) press('claim').click();
  else if (event.key === 'n') {
    const all = [...document.querySelectorAll('[data-field] input, [data-field] .locate')];
    (all.find(e => e.closest('.failed, .unsure')) ?? all[0])?.focus();
  } else return;
  event.preventDefault();
});
