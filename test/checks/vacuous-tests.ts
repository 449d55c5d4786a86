/**
 * Finds checks that pass if a collection is empty: loops with `expect`, `it.each`, `every`, and lists of faults that
 * must be empty. Their collection must be a literal with at least one element, or go through `nonEmpty`. Also finds
 * tests of Playwright without `expect`; Vitest itself requires an assertion.
 */
import ts from 'typescript';

/** Methods that return at least one element if the array has one. */
const keepingMethods = new Set(['map', 'entries', 'keys', 'values', 'sort', 'toSorted', 'reverse', 'toReversed']);
/** Methods that can remove elements; the check is about what they leave out. */
const filteringMethods = new Set(['filter', 'flatMap']);
const objectMethods = new Set(['entries', 'keys', 'values']);

/** Expressions such as `x as const`, `(x)` and `await x` without what surrounds the value. */
function unwrap(node: ts.Expression): ts.Expression {
  return ts.isAsExpression(node) ||
    ts.isParenthesizedExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isAwaitExpression(node)
    ? unwrap(node.expression)
    : node;
}

/** The name of a called method and its receiver; null for other expressions. */
function methodCall(node: ts.Expression): { name: string; receiver: ts.Expression; call: ts.CallExpression } | null {
  return ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)
    ? { name: node.expression.name.text, receiver: node.expression.expression, call: node }
    : null;
}

const isCallOf = (node: ts.Node, name: string): node is ts.CallExpression =>
  ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === name;

/** Whether a part of the node fulfils a condition. */
const contains = (node: ts.Node, condition: (part: ts.Node) => boolean): boolean =>
  condition(node) || (ts.forEachChild(node, (child) => contains(child, condition) || undefined) ?? false);

/** The initial values of all variables of a file by name; null for a variable that has none or can change. */
function findInitializers(source: ts.SourceFile): ReadonlyMap<string, readonly (ts.Expression | null)[]> {
  const initializers = new Map<string, (ts.Expression | null)[]>();
  const add = (name: ts.BindingName, value: ts.Expression | null) => {
    if (ts.isIdentifier(name)) initializers.set(name.text, [...(initializers.get(name.text) ?? []), value]);
    else for (const element of name.elements) if (ts.isBindingElement(element)) add(element.name, null);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node)) {
      const isConst = (node.parent.flags & ts.NodeFlags.Const) !== 0;
      add(node.name, isConst ? (node.initializer ?? null) : null);
    }
    if (ts.isParameter(node)) add(node.name, null);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return initializers;
}

/** Finds the checks of a test file that can pass on nothing. Returns one line for each. */
export function findVacuousChecks(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const initializers = findInitializers(source);
  const problems: string[] = [];

  /** Whether a value has at least one element, whatever happens. */
  const hasElement = (node: ts.Expression, depth = 0): boolean => {
    const value = unwrap(node);
    if (depth > 20) return false;
    if (isCallOf(value, 'nonEmpty')) return true;
    if (ts.isStringLiteralLike(value)) return value.text !== '';
    if (ts.isArrayLiteralExpression(value))
      return value.elements.some((element) =>
        ts.isSpreadElement(element) ? hasElement(element.expression, depth + 1) : true,
      );
    if (ts.isObjectLiteralExpression(value))
      return value.properties.some((property) =>
        ts.isSpreadAssignment(property) ? hasElement(property.expression, depth + 1) : true,
      );
    if (ts.isIdentifier(value)) {
      const values = initializers.get(value.text) ?? [];
      return values.length > 0 && values.every((initial) => initial !== null && hasElement(initial, depth + 1));
    }
    const { name, receiver, call } = methodCall(value) ?? {};
    if (name === undefined || receiver === undefined || call === undefined) return false;
    const [argument] = call.arguments;
    if (ts.isIdentifier(receiver) && receiver.text === 'Object' && objectMethods.has(name))
      return argument !== undefined && hasElement(argument, depth + 1);
    return keepingMethods.has(name) && hasElement(receiver, depth + 1);
  };

  /** The array from which a list of faults was selected; null if the expression selects nothing. */
  const selectedFrom = (node: ts.Expression, depth = 0): ts.Expression | null => {
    const value = unwrap(node);
    if (depth > 20) return null;
    if (ts.isIdentifier(value)) {
      const [initial, ...others] = initializers.get(value.text) ?? [];
      return initial && others.length === 0 ? selectedFrom(initial, depth + 1) : null;
    }
    const { name, receiver } = methodCall(value) ?? {};
    if (name === undefined || receiver === undefined) return null;
    const inner = selectedFrom(receiver, depth + 1);
    return inner ?? (filteringMethods.has(name) ? receiver : null);
  };

  const report = (node: ts.Node, problem: string) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    problems.push(`${file}:${line + 1}: ${problem}`);
  };
  const hasExpect = (node: ts.Node) => contains(node, (part) => isCallOf(part, 'expect'));

  /** The functions of the file that contain `expect`. */
  const checkingFunctions = new Set(
    source.statements.flatMap((statement) =>
      ts.isFunctionDeclaration(statement) && statement.name && hasExpect(statement) ? [statement.name.text] : [],
    ),
  );
  const checksSomething = (node: ts.Node) =>
    contains(node, (part) => ts.isIdentifier(part) && (part.text === 'expect' || checkingFunctions.has(part.text)));

  const visit = (node: ts.Node): void => {
    if (ts.isForOfStatement(node) && hasExpect(node.statement) && !hasElement(node.expression))
      report(node, `the loop over ${node.expression.getText(source)} may have no round`);
    if (ts.isCallExpression(node)) {
      const { name, receiver } = methodCall(node) ?? {};
      if (name === 'each' && receiver !== undefined && ['it', 'test', 'describe'].includes(receiver.getText(source))) {
        const [cases] = node.arguments;
        if (cases !== undefined && !hasElement(cases))
          report(node, `${receiver.getText(source)}.each may have no case`);
      }
      if (name === 'forEach' && receiver !== undefined && hasExpect(node) && !hasElement(receiver))
        report(node, `forEach of ${receiver.getText(source)} may have no round`);
      if (isCallOf(node, 'expect')) visitExpect(node);
      if (file.endsWith('.spec.ts') && isCallOf(node, 'test') && !checksSomething(node))
        report(node, 'the test has no expect');
    }
    ts.forEachChild(node, visit);
  };

  /** `expect(list.every(…))` and `expect(list.filter(…)).toEqual([])`. */
  const visitExpect = (node: ts.CallExpression): void => {
    const [argument] = node.arguments;
    if (argument === undefined) return;
    const { name, receiver } = methodCall(unwrap(argument)) ?? {};
    if (name === 'every' && receiver !== undefined && !hasElement(receiver))
      report(node, `every of ${receiver.getText(source)} is true if there is nothing`);
    const matcher = ts.isPropertyAccessExpression(node.parent) ? node.parent : null;
    if (matcher === null || !ts.isCallExpression(matcher.parent) || !expectsNothing(matcher.parent, matcher.name.text))
      return;
    const selected = selectedFrom(argument);
    if (selected !== null && !hasElement(selected))
      report(node, `nothing is selected from ${selected.getText(source)} if it is empty`);
  };
  visit(source);
  return problems;
}

/** Whether a matcher expects an empty list. */
function expectsNothing({ arguments: [expected] }: ts.CallExpression, name: string): boolean {
  if (expected === undefined) return false;
  if (name === 'toHaveLength') return expected.getText() === '0';
  return (
    ['toEqual', 'toStrictEqual'].includes(name) &&
    ts.isArrayLiteralExpression(expected) &&
    expected.elements.length === 0
  );
}
