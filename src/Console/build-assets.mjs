// Copies what the pages load from node_modules to wwwroot/lib and draws the icon sprite.
// Only these files are served; everything else of the packages stays out of the product.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, 'node_modules');
const lib = join(here, 'wwwroot', 'lib');

const copies = [
  ['bootstrap/dist/css/bootstrap-reboot.min.css', 'bootstrap/bootstrap-reboot.min.css'],
  ['bootstrap/LICENSE', 'bootstrap/LICENSE.txt'],
  ['@fontsource-variable/inter/files/inter-latin-wght-normal.woff2', 'inter/inter-latin.woff2'],
  ['@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2', 'inter/inter-latin-ext.woff2'],
  ['@fontsource-variable/inter/LICENSE', 'inter/LICENSE.txt'],
  ['bootstrap-icons/LICENSE', 'icons/LICENSE.txt'],
  ['pdfjs-dist/legacy/build/pdf.min.mjs', 'pdfjs/pdf.min.mjs'],
  ['pdfjs-dist/legacy/build/pdf.worker.min.mjs', 'pdfjs/pdf.worker.min.mjs'],
  ['pdfjs-dist/cmaps', 'pdfjs/cmaps'],
  ['pdfjs-dist/standard_fonts', 'pdfjs/standard_fonts'],
  // Image decoders in plain script: WebAssembly would need a hole in the content security policy.
  ['pdfjs-dist/wasm/openjpeg_nowasm_fallback.js', 'pdfjs/wasm/openjpeg_nowasm_fallback.js'],
  ['pdfjs-dist/wasm/jbig2_nowasm_fallback.js', 'pdfjs/wasm/jbig2_nowasm_fallback.js'],
  ['pdfjs-dist/wasm/LICENSE_OPENJPEG', 'pdfjs/wasm/LICENSE_OPENJPEG.txt'],
  ['pdfjs-dist/wasm/LICENSE_JBIG2', 'pdfjs/wasm/LICENSE_JBIG2.txt'],
  ['pdfjs-dist/LICENSE', 'pdfjs/LICENSE.txt'],
  ['bpmn-js/dist/bpmn-navigated-viewer.production.min.js', 'bpmn/bpmn-navigated-viewer.min.js'],
  ['bpmn-js/dist/assets/diagram-js.css', 'bpmn/diagram-js.css'],
  ['bpmn-js/dist/assets/bpmn-js.css', 'bpmn/bpmn-js.css'],
  ['bpmn-js/LICENSE', 'bpmn/LICENSE.txt'],
];

// One name a line: what Kit/Icon.razor may be asked for.
const icons = readFileSync(join(here, 'Kit', 'icons.txt'), 'utf8').split(/\s+/).filter(Boolean);

rmSync(lib, { recursive: true, force: true });
for (const [from, to] of copies) {
  mkdirSync(dirname(join(lib, to)), { recursive: true });
  cpSync(join(modules, from), join(lib, to), { recursive: true });
}

const symbols = icons.map(name => {
  const svg = readFileSync(join(modules, 'bootstrap-icons', 'icons', `${name}.svg`), 'utf8');
  const body = svg.replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '').trim();
  return `<symbol id="${name}" viewBox="0 0 16 16">${body}</symbol>`;
});
mkdirSync(join(lib, 'icons'), { recursive: true });
writeFileSync(join(lib, 'icons', 'icons.svg'),
  `<svg xmlns="http://www.w3.org/2000/svg" fill="currentColor">\n${symbols.join('\n')}\n</svg>\n`);
