/** Builds the one ESM file and the one stylesheet that the Python widgets hand to the browser. */
import { build } from "esbuild";
import { readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const BUDGET_BYTES = 60_000; // compressed; the text travels with every widget instance

const dev = process.argv.includes("--dev");
const outdir = here(dev ? "dev/built" : "../gt_widgets/widgets/static");
await build({
  entryPoints: dev
    ? { dev: here("dev/page.ts") }
    : { widget: here("src/widget/index.ts"), "widget-style": here("style/widget.css") },
  outdir,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: !dev,
  sourcemap: dev ? "inline" : false,
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
});

if (!dev) {
  await writeFile(`${outdir}/widget.css`, await readFile(`${outdir}/widget-style.css`));
  await rm(`${outdir}/widget-style.css`);
  const text = await readFile(`${outdir}/widget.js`);
  const size = gzipSync(text).length;
  if (size > BUDGET_BYTES) {
    throw new Error(`widget.js has ${size} bytes compressed; the budget is ${BUDGET_BYTES}`);
  }
  console.log(`widget.js ${text.length / 1000} kB, compressed ${size / 1000} kB`);
}
