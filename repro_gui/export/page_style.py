"""The style sheet of the web page; light and dark by the reader's own setting, fit for paper."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --faint: #5b6675; --paper: #ffffff; --card: #f4f6f8; --line: #d5dbe2;
  --yes: #1a7f4b; --partly: #9a6700; --no: #b42318; --cannot-tell: #6b4fbb; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --faint: #9aa6b5; --paper: #14181f; --card: #1d232c; --line: #333c48;
  --yes: #5fd39a; --partly: #e3b341; --no: #ff8f85; --cannot-tell: #b7a3f5; } }
body { font: 16px/1.5 "Source Sans 3", "Source Sans Pro", system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 0 auto; padding: 1.5rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; } h3, h4 { font-size: 1rem; margin: 1rem 0 .25rem; }
code, pre { font: .875em/1.45 ui-monospace, "Source Code Pro", monospace; }
pre { background: var(--card); padding: .5rem; overflow-x: auto; white-space: pre; overflow-wrap: normal; }
mark { background: color-mix(in srgb, var(--partly) 25%, transparent); color: inherit; }
.number, .faint { color: var(--faint); } .faint { font-size: .875em; } .step { padding-left: 1.5rem; }
.answers { list-style: none; padding: 0; display: grid; gap: .5rem; }
.answers > li { background: var(--card); border-left: 4px solid var(--tone); padding: .6rem 1rem; display: grid;
  grid-template-columns: 8rem 1fr; }
.answers h2 { margin: 0; font-size: 1rem; } .word { margin: 0; font-weight: 600; color: var(--tone); } .answers p { margin: .1rem 0; }
@media (max-width: 36rem) { .answers > li { grid-template-columns: 1fr; } }
.yes { --tone: var(--yes); } .partly { --tone: var(--partly); } .no { --tone: var(--no); } .cannot-tell { --tone: var(--cannot-tell); }
.check { border-top: 1px solid var(--line); padding: .5rem 0; } .check > :not(summary) { margin-left: 1.5rem; } summary { cursor: pointer; }
.mark { display: inline-block; width: 1.25rem; font-weight: 700; }
.passed .mark { color: var(--yes); } .failed .mark { color: var(--no); } .could-not-run .mark { color: var(--cannot-tell); }
.places { list-style: none; padding-left: 1rem; } .fix { font-style: italic; }
table { border-collapse: collapse; width: 100%; font-size: .875em; }
th, td { text-align: left; padding: .25rem .5rem; vertical-align: top; }
tbody tr { border-top: 1px solid var(--line); } tbody th { font-weight: 400; } .odd .mark { color: var(--no); }
@media print { body { max-width: none; } .check { break-inside: avoid; } }
"""
