// Builds the cards: `node build.mjs --out DIR`, or their tests with `--tests`.
//
// What is built is committed, so it must not depend on the machine: no source maps, no paths, and
// names that say where a piece is used and not what is in it. Nobody asks for a stale piece, as
// the integration serves the folder under an address made of its content.

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build, transform } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));

const { values } = parseArgs({
  options: {
    out: { type: "string", default: join(HERE, "../custom_components/earshot/frontend") },
    tests: { type: "boolean", default: false },
  },
});

/** Style sheets become strings, minified: they go into shadow roots. */
const styles = {
  name: "styles",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), {
        loader: "css",
        minify: true,
        target: "chrome111",
      });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/** Languages other than English become lists in the order of the English keys, half the size. */
const languages = {
  name: "languages",
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]i18n[/\\]\w+\.json$/ }, async ({ path }) => {
      if (basename(path) === "en.json") {
        return undefined;
      }
      const [english, other] = await Promise.all(
        [join(dirname(path), "en.json"), path].map(async (it) => JSON.parse(await readFile(it))),
      );
      const texts = Object.keys(english).map((key) => other[key] ?? null);
      return { contents: JSON.stringify(texts), loader: "json" };
    });
  },
};

const common = {
  absWorkingDir: HERE,
  bundle: true,
  format: "esm",
  plugins: [styles],
  logLevel: "warning",
  legalComments: "none",
};

if (values.tests) {
  await buildTests(resolve(values.out));
} else {
  await buildCards(resolve(values.out));
}

async function buildTests(out) {
  const files = (await readdir(join(HERE, "tests"))).filter((name) => name.endsWith(".test.ts"));
  await build({
    ...common,
    entryPoints: files.map((name) => join("tests", name)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    platform: "node",
    sourcemap: "inline",
  });
}

async function buildCards(out) {
  const built = await build({
    ...common,
    plugins: [styles, languages],
    entryPoints: ["src/loader.ts"],
    outdir: out,
    splitting: true,
    charset: "utf8",
    minify: true,
    target: ["chrome111", "firefox113", "safari16.4"],
    chunkNames: "[name]-[hash]",
    metafile: true,
    write: false,
  });
  const names = stableNames(built.metafile);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  for (const file of built.outputFiles) {
    let text = file.text;
    for (const [name, stable] of names) {
      text = text.replaceAll(`./${name}`, `./${stable}`);
    }
    const name = basename(file.path);
    await writeFile(join(out, names.get(name) ?? name), text);
  }
}

/** Name each piece after the module it begins with, and shared ones after what they are made of. */
function stableNames(metafile) {
  const names = new Map();
  const taken = new Set(["loader.js"]);
  for (const [path, output] of Object.entries(metafile.outputs)) {
    const name = basename(path);
    if (name === "loader.js") {
      continue;
    }
    const source = output.entryPoint ?? mainSource(output.inputs);
    const stem = source.replace(/^(src|node_modules)\//, "").replace(/\.\w+$/, "");
    let stable = `${stem.replaceAll(/[^\w]+/g, "-")}.js`;
    if (!output.entryPoint) {
      stable = `shared-${stable}`;
    }
    if (taken.has(stable)) {
      throw new Error(`two pieces would be called ${stable}`);
    }
    taken.add(stable);
    names.set(name, stable);
  }
  return names;
}

/** The largest module of a piece; of equals the first by name. */
function mainSource(inputs) {
  const [first] = Object.entries(inputs).sort(
    ([nameA, a], [nameB, b]) => b.bytesInOutput - a.bytesInOutput || (nameA < nameB ? -1 : 1),
  );
  return first?.[0] ?? "runtime"; // the bundler's own helpers come from no file
}
