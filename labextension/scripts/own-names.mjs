/**
 * Property names that only our own code can meet, so that the build may shorten them.
 *
 * A name is ours when everything that declares it holds functions as well (what does can neither be
 * sent nor kept) or is private, and when nobody else can say it: no library, no text in the source,
 * no module's export, no table looked up by any text, and nothing in the protocol.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const WIRE = /[/\\]src[/\\](protocol|decode|panel[/\\]blocks)\.ts$/;
const MEMBERS = new Set([
  ts.SyntaxKind.PropertySignature,
  ts.SyntaxKind.MethodSignature,
  ts.SyntaxKind.PropertyDeclaration,
  ts.SyntaxKind.MethodDeclaration,
  ts.SyntaxKind.GetAccessor,
  ts.SyntaxKind.SetAccessor,
  ts.SyntaxKind.PropertyAssignment,
  ts.SyntaxKind.ShorthandPropertyAssignment,
  ts.SyntaxKind.Parameter,
]);

/** @param {string} folder of the TypeScript project @returns {string[]} sorted */
export function ownNames(folder) {
  const root = folder.replace(/[/\\]$/, "");
  const program = programOf(root);
  const checker = program.getTypeChecker();
  const ours = new Set();
  const others = new Set();
  for (const file of program.getSourceFiles()) {
    const foreign = !file.fileName.startsWith(join(root, "src")) || WIRE.test(file.fileName);
    for (const name of exportsOf(checker, file)) others.add(name);
    visit(file, (node) => {
      if (ts.isStringLiteralLike(node)) others.add(node.text);
      if (!isNamedMember(node)) return;
      const own = !foreign && (isPrivate(node) || isAmongFunctions(checker, node));
      (own ? ours : others).add(node.name.text);
    });
  }
  return [...ours].filter((name) => !others.has(name)).sort();
}

function programOf(root) {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => readFileSync(path, "utf8"));
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const shipped = fileNames.filter((path) => path.startsWith(join(root, "src")));
  return ts.createProgram(shipped, { ...options, noEmit: true });
}

function exportsOf(checker, file) {
  const module = checker.getSymbolAtLocation(file);
  return module ? checker.getExportsOfModule(module).map(({ name }) => name) : [];
}

function visit(node, see) {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

function isNamedMember(node) {
  if (!MEMBERS.has(node.kind) || !node.name || !ts.isIdentifier(node.name)) return false;
  return !ts.isParameter(node) || ts.isParameterPropertyDeclaration(node, node.parent);
}

const isPrivate = (node) => (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0;

const isFunction = (checker, node) =>
  checker.getNonNullableType(checker.getTypeAtLocation(node)).getCallSignatures().length > 0;

function isAmongFunctions(checker, node) {
  const { parent } = node;
  if (ts.isObjectLiteralExpression(parent)) {
    if (checker.getContextualType(parent)?.getStringIndexType()) return false;
    return parent.properties.some((each) => isFunction(checker, each));
  }
  if (ts.isInterfaceDeclaration(parent) || ts.isTypeLiteralNode(parent)) {
    return parent.members.some((each) => each.name && isFunction(checker, each.name));
  }
  return isFunction(checker, node.name);
}
