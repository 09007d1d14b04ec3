/** Builds the ESM files and the stylesheets that the Python widgets hand to the browser. */
import { build } from "esbuild";
import { readFile, rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { minify } from "terser";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
/** Gzipped: the text travels with every widget instance. */
const BUDGETS = { "widget.js": 60_000, "widget.css": 6_000, "audit.js": 4_000, "audit.css": 2_000 };

const dev = process.argv.includes("--dev");
const outdir = here(dev ? "dev/built" : "../gt_widgets/widgets/static");
await build({
  entryPoints: dev
    ? { dev: here("dev/page.ts") }
    : {
        widget: here("src/widget/index.ts"),
        "widget-style": here("style/widget.css"),
        audit: here("src/audit/index.ts"),
        "audit-style": here("style/audit.css"),
      },
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
  for (const name of ["widget", "audit"]) {
    await rename(`${outdir}/${name}-style.css`, `${outdir}/${name}.css`);
    const script = await readFile(`${outdir}/${name}.js`, "utf8");
    // a second pass saves a twentieth of what the first one leaves
    const small = await minify(script, { module: true, ecma: 2020, compress: { passes: 3 } });
    await writeFile(`${outdir}/${name}.js`, small.code);
  }
  const files = await Promise.all(
    Object.keys(BUDGETS).map(async (name) => ({ name, text: await readFile(`${outdir}/${name}`) })),
  );
  const sizes = files.map(({ name, text }) => ({ name, raw: text.length, gzip: gzipSync(text).length }));
  for (const { name, gzip } of sizes) {
    if (gzip > BUDGETS[name]) {
      throw new Error(`${name} is ${gzip} bytes gzipped; its budget is ${BUDGETS[name]}`);
    }
  }
  const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  for (const { name, raw, gzip } of sizes) console.log(`${name} ${kB(raw)}, ${kB(gzip)} gzipped`);
}
