/** Builds the ESM files and the stylesheets that the Python widgets hand to the browser. */
import { build } from "esbuild";
import { readFile, rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { minify } from "terser";
import { ownNames } from "./own-names.mjs";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
/** Script and style together, in bytes gzipped: they travel with every instance of a widget. */
const BUDGETS = { widget: 60_000, audit: 4_000, panel: 5_000, chart: 1_000 };
/** Another Node's zlib may need a few bytes more for the same text. */
const LEEWAY = 1.005;
/** Bundles that are a script alone. */
const BARE = new Set(["chart"]);

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
        panel: here("src/panel/index.ts"),
        "panel-style": here("style/panel.css"),
        chart: here("src/chart/index.ts"),
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
  ...(!dev && { mangleProps: new RegExp(`^(${ownNames(here(".")).join("|")})$`) }),
});

if (!dev) {
  for (const [name, budget] of Object.entries(BUDGETS)) {
    const kinds = BARE.has(name) ? ["js"] : ["js", "css"];
    if (!BARE.has(name)) await rename(`${outdir}/${name}-style.css`, `${outdir}/${name}.css`);
    const script = await readFile(`${outdir}/${name}.js`, "utf8");
    // a second pass saves a twentieth of what the first one leaves
    const compress = { passes: 3, keep_fargs: false, unsafe_arrows: true };
    const small = await minify(script, { module: true, ecma: 2022, compress });
    await writeFile(`${outdir}/${name}.js`, small.code);
    const [js, css = 0] = await Promise.all(
      kinds.map(async (kind) => gzipSync(await readFile(`${outdir}/${name}.${kind}`), { level: 9 }).length),
    );
    const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
    const sizes = `${name}: script ${kB(js)}, style ${kB(css)}, together ${kB(js + css)} of ${kB(budget)} gzipped`;
    if (js + css > budget * LEEWAY) throw new Error(`the bundle is larger than its budget: ${sizes}`);
    console.log(sizes);
  }
}
