/** Builds the one ESM file and the one stylesheet that the Python widgets hand to the browser. */
import { build } from "esbuild";
import { readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { minify } from "terser";
import { ownNames } from "./own-names.mjs";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
/** Script and style together, in bytes gzipped: they travel with every widget instance. */
const BUDGET = 60_000;

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
  ...(!dev && { mangleProps: new RegExp(`^(${ownNames(here(".")).join("|")})$`) }),
});

if (!dev) {
  await writeFile(`${outdir}/widget.css`, await readFile(`${outdir}/widget-style.css`));
  await rm(`${outdir}/widget-style.css`);
  const script = await readFile(`${outdir}/widget.js`, "utf8");
  // a second pass saves a twentieth of what the first one leaves
  const small = await minify(script, { module: true, ecma: 2022, compress: { passes: 3, keep_fargs: false, unsafe_arrows: true } });
  await writeFile(`${outdir}/widget.js`, small.code);
  const files = await Promise.all(
    ["widget.js", "widget.css"].map(async (name) => ({ name, text: await readFile(`${outdir}/${name}`) })),
  );
  const sizes = files.map(({ name, text }) => ({ name, raw: text.length, gzip: gzipSync(text).length }));
  const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  for (const { name, raw, gzip } of sizes) console.log(`${name} ${kB(raw)}, ${kB(gzip)} gzipped`);
  const whole = sizes.reduce((sum, { gzip }) => sum + gzip, 0);
  if (whole > BUDGET) throw new Error(`the bundle is ${whole} bytes gzipped; its budget is ${BUDGET}`);
  console.log(`together ${kB(whole)} of ${kB(BUDGET)} gzipped`);
}
