// Behaviour of every page. All of it is an addition: forms and links work without script.
const typing = e => e.target.closest('input, textarea, select, [contenteditable]');

// Dialogs, toasts, selects that send their form.
document.addEventListener('click', event => {
  const opener = event.target.closest('[data-dialog]');
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  const dismiss = event.target.closest('[data-dismiss]');
  if (dismiss) dismiss.closest('.toast')?.remove();
  const copy = event.target.closest('[data-copy]');
  if (copy) {
    navigator.clipboard?.writeText(document.getElementById(copy.dataset.copy)?.textContent.trim() ?? '').then(() => {
      copy.querySelector('[data-label]').textContent = copy.dataset.copied;
    });
  }
});
document.addEventListener('change', event => {
  if (event.target.matches('[data-autosubmit]')) event.target.form.requestSubmit();
});
document.querySelectorAll('dialog[open]').forEach(dialog => {
  dialog.close();
  dialog.showModal();
});

// A form is sent once, however often its button is pressed.
document.addEventListener('submit', event => {
  const form = event.target;
  if (form.method !== 'post' || event.defaultPrevented) return;
  const question = event.submitter?.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = 'yes';
  setTimeout(() => delete form.dataset.sent, 5000);
});

// Lists by keyboard: j and k walk, Enter opens, c takes; g then a letter goes somewhere.
const rows = [...document.querySelectorAll('[data-keys] [data-row]')];
let at = -1;
let went = 0;
function go(to) {
  at = Math.max(0, Math.min(rows.length - 1, to));
  const link = rows[at]?.querySelector('a');
  link?.focus();
  rows[at]?.scrollIntoView({ block: 'nearest' });
}
rows.forEach((row, index) => row.addEventListener('focusin', () => { at = index; }));
const places = { i: '/inbox', d: '/dashboard', n: '/instances', e: '/decisions', t: '/trail', u: '/documents' };
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event) || document.querySelector('dialog[open]')) return;
  if (went && Date.now() - went < 1200 && places[event.key]) {
    went = 0;
    location.href = places[event.key];
    return;
  }
  if (event.key === 'g') went = Date.now();
  else if (event.key === 'j' && rows.length) go(at + 1);
  else if (event.key === 'k' && rows.length) go(at - 1);
  else if (event.key === 'c' && rows[at]) rows[at].querySelector('form')?.requestSubmit();
  else if (event.key === '?') document.getElementById('keys')?.showModal();
  else return;
  event.preventDefault();
});

// A menu closes when something else is pressed.
document.addEventListener('click', event => {
  document.querySelectorAll('.top details[open]').forEach(menu => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});
document.addEventListener('keydown', event => {
  if (event.key === 'Escape') document.querySelectorAll('.top details[open]').forEach(menu => { menu.open = false; });
});
