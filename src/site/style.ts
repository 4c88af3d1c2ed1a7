/** The one stylesheet of the site. */
export const STYLE = `:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfcfc, #10181c);
  --panel: light-dark(#ffffff, #162127);
  --ink: light-dark(#16242b, #e4edf0);
  --soft: light-dark(#52646d, #9db0b8);
  --line: light-dark(#d9e2e5, #2a3a42);
  --accent: light-dark(#00687a, #5fd0e4);
  --good: light-dark(#1c6b3c, #74d69b);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto;
  max-width: 64rem;
  padding: 2.5rem 1.25rem 4rem;
  background: var(--paper);
  color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif;
}
h1 { margin: 0; font-size: 1.6rem; letter-spacing: -0.02em; }
header p { margin: 0.25rem 0 1.75rem; color: var(--soft); }
a { color: var(--accent); text-underline-offset: 0.2em; }
a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
table {
  width: 100%;
  border-collapse: collapse;
  background: var(--panel);
  border: 1px solid var(--line);
  font-variant-numeric: tabular-nums;
}
th, td { padding: 0.65rem 0.9rem; text-align: start; border-bottom: 1px solid var(--line); vertical-align: baseline; }
thead th { color: var(--soft); font-size: 0.82rem; font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; overflow-wrap: anywhere; }
tbody tr:last-child > * { border-bottom: 0; }
.number { text-align: end; white-space: nowrap; }
.seeds { color: var(--good); font-weight: 600; }
.links { white-space: nowrap; }
.links a + a { margin-inline-start: 0.9rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.empty { padding: 2rem; background: var(--panel); border: 1px dashed var(--line); color: var(--soft); }
code { font: 0.92em ui-monospace, monospace; overflow-wrap: anywhere; }
footer { margin-top: 1.75rem; color: var(--soft); font-size: 0.9rem; }
@media (max-width: 44rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, th, td { display: block; }
  tbody tr { padding: 0.8rem 0.9rem; border-bottom: 1px solid var(--line); }
  tbody tr:last-child { border-bottom: 0; }
  tbody th, td { padding: 0.1rem 0; border: 0; }
  td.number { display: inline-block; margin-inline-end: 1rem; text-align: start; }
  td.number::after { content: " " attr(data-unit); color: var(--soft); font-weight: 400; }
}
`
