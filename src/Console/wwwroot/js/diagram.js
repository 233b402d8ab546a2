// The process as drawn, with the places marked where the instance stands. The bpmn.io mark stays visible.
for (const host of document.querySelectorAll('[data-diagram]')) {
  const viewer = new window.BpmnJS({ container: host });
  const list = name => (host.dataset[name] ?? '').split(' ').filter(Boolean);
  try {
    const answer = await fetch(host.dataset.diagram, { credentials: 'same-origin' });
    if (!answer.ok) throw new Error(`The diagram answered ${answer.status}`);
    await viewer.importXML(await answer.text());
    const canvas = viewer.get('canvas');
    const registry = viewer.get('elementRegistry');
    for (const [name, marker] of [['been', 'been'], ['here', 'here'], ['stuck', 'stuck']]) {
      for (const id of list(name)) if (registry.get(id)) canvas.addMarker(id, marker);
    }
    canvas.zoom('fit-viewport', 'auto');
    host.dataset.ready = 'yes';
  } catch (error) {
    host.dataset.ready = 'failed';
    host.textContent = host.dataset.failed ?? '';
    console.error(error);
  }
}
