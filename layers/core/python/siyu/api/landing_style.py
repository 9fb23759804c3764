"""The landing page's stylesheet, and the policy that lets a browser use it and nothing else.

The text is fixed, so its hash opens the policy; a nonce would have to be drawn for every answer.
"""

import hashlib
from base64 import b64encode

CSS = """
:root {
  color-scheme: light dark;
  --page: #f2f3ee; --card: #fff; --ink: #16201b; --soft: #55615a; --line: #e2e5dd;
  --accent: #0a7547; --on-accent: #fff; --tint: #e4f1ea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d110f; --card: #171c19; --ink: #eef2ee; --soft: #a5b0a9; --line: #2a312d;
    --accent: #45d796; --on-accent: #04210f; --tint: #1d3629;
  }
}
* { box-sizing: border-box; margin: 0; padding: 0; }
body {
  display: flex; flex-direction: column; min-height: 100vh; padding: 0 16px 24px;
  background: var(--page); color: var(--ink); overflow-wrap: anywhere;
  font: 16px/1.6 -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "PingFang SC",
    "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", Arial, sans-serif;
  -webkit-text-size-adjust: 100%;
}
header, main { width: 100%; max-width: 28rem; margin: 0 auto; }
header {
  display: flex; align-items: center; justify-content: space-between; gap: 16px; padding: 14px 4px;
}
.brand { font-weight: 600; letter-spacing: .01em; }
.language {
  flex: none; display: flex; align-items: center; min-height: 44px; padding: 0 4px;
  color: var(--soft); text-decoration: none;
}
.language:hover { color: var(--ink); text-decoration: underline; text-underline-offset: 4px; }
a:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 8px; }
main { background: var(--card); border-radius: 24px; padding: 36px 28px 32px; }
.mark {
  position: relative; width: 72px; height: 72px; margin-bottom: 28px;
  display: grid; place-items: center; color: var(--accent); font-size: 28px; font-weight: 600;
}
.mark svg, .code svg { display: block; width: 100%; height: auto; }
.mark svg { position: absolute; inset: 0; fill: none; stroke: currentColor; stroke-linecap: round; }
h1 { font-size: 28px; line-height: 1.25; letter-spacing: -.01em; text-wrap: balance; }
.lead { margin-top: 12px; color: var(--soft); font-size: 17px; text-wrap: pretty; }
.button {
  display: block; margin-top: 28px; padding: 15px 20px; border-radius: 16px; text-align: center;
  background: var(--accent); color: var(--on-accent); font-size: 17px; font-weight: 600;
  line-height: 1.4; text-decoration: none;
}
.button:hover { filter: brightness(1.08); }
.button:focus-visible { border-radius: 16px; }
section { margin-top: 28px; padding-top: 24px; border-top: 1px solid var(--line); }
h2 { font-size: 16px; line-height: 1.5; }
ol { list-style: none; counter-reset: step; }
li {
  position: relative; counter-increment: step; margin-top: 12px; padding-left: 40px;
  color: var(--soft); text-wrap: pretty;
}
li::before {
  content: counter(step); position: absolute; left: 0; top: 0; width: 26px; height: 26px;
  border-radius: 50%; background: var(--tint); color: var(--accent); text-align: center;
  font-size: 14px; font-weight: 600; line-height: 26px;
}
.code { margin: 28px auto 0; max-width: 300px; }
.code div {
  overflow: hidden; border: 1px solid var(--line); border-radius: 20px; background: #fff;
}
.code svg { shape-rendering: crispEdges; }
.code figcaption { margin-top: 12px; color: var(--soft); text-align: center; }
@media (min-width: 50rem) {
  body { justify-content: center; padding-bottom: 12vh; }
  .wide { max-width: 56rem; }
  main.wide {
    display: grid; grid-template-columns: 1fr 300px; column-gap: 64px; align-items: center;
    padding: 52px 56px;
  }
  .wide .code { margin-top: 0; }
}
@media (max-width: 22rem) { main { padding: 28px 20px 24px; } }
"""

_HASH = b64encode(hashlib.sha256(CSS.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
