/**
 * Lingui's macros, and the English messages compiled where they stand: no parser of messages and no English catalogue is
 * sent to a browser.
 */
import { type NodePath, type PluginItem, transformAsync, types } from "@babel/core";
import { compileMessage } from "@lingui/message-utils/compileMessage";
import type { Plugin } from "vite";

const HAS_MACROS = /from "@lingui\/(core|react)\/macro"/;

export function macros(): Plugin {
  return {
    name: "farebox:macros",
    enforce: "pre",
    transform: {
      filter: { id: /src\/.*\.tsx?$/, code: HAS_MACROS },
      async handler(code, id) {
        const made = await transformAsync(code, {
          filename: id,
          babelrc: false,
          configFile: false,
          sourceMaps: true,
          parserOpts: { plugins: id.endsWith("x") ? ["typescript", "jsx"] : ["typescript"] },
          plugins: [["@lingui/babel-plugin-lingui-macro", { stripMessageField: false }], compiled],
        });
        return { code: made?.code ?? code, map: made?.map };
      },
    },
  };
}

/** `message: "Of {total}"`, as the macros leave it beside the message's id, becomes `message: ["Of ", ["total"]]`. */
const compiled: PluginItem = {
  visitor: {
    ObjectProperty({ node, parent }: NodePath<types.ObjectProperty>) {
      if (!types.isIdentifier(node.key, { name: "message" }) || !types.isStringLiteral(node.value)) return;
      if (!types.isObjectExpression(parent) || !parent.properties.some(isId)) return;
      node.value = parsed(node.value.value);
    },
    JSXAttribute({ node, parent }: NodePath<types.JSXAttribute>) {
      if (node.name.name !== "message" || !types.isJSXOpeningElement(parent)) return;
      if (!types.isJSXIdentifier(parent.name, { name: "_Trans" })) return;
      const text = types.isJSXExpressionContainer(node.value) ? node.value.expression : node.value;
      if (types.isStringLiteral(text)) node.value = types.jsxExpressionContainer(parsed(text.value));
    },
  },
};

function isId(property: types.Node): boolean {
  return types.isObjectProperty(property) && types.isIdentifier(property.key, { name: "id" });
}

function parsed(message: string): types.Expression {
  return types.valueToNode(compileMessage(message));
}
