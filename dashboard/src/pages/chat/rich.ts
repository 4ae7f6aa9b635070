import { useEffect, useState } from "react";
import type { Components, Options } from "react-markdown";
import { hasMath } from "./math";

/** Plugins that not every answer needs. */
export interface Rich {
  remark: NonNullable<Options["remarkPlugins"]>;
  rehype: NonNullable<Options["rehypePlugins"]>;
  /** What their own elements are drawn by. */
  components?: Components;
}

type Kind = "formulas" | "colours";

const LOADERS: Record<Kind, () => Promise<{ default: Rich }>> = {
  formulas: () => import("./formulas"),
  colours: () => import("./colours"),
};
const loaded = new Map<Kind, Rich>();

/** The plugins that a text needs, as far as they are loaded: it is shown plain until then, and where they cannot be. */
export function useRich(text: string): { rich: Rich[]; isMath: boolean } {
  const [, setCount] = useState(0);
  const isMath = hasMath(text);
  const isCode = /^\s*(?:```|~~~)\w/m.test(text);
  useEffect(() => {
    const wanted: Kind[] = [
      ...(isMath ? (["formulas"] as const) : []),
      ...(isCode ? (["colours"] as const) : []),
    ];
    let isHere = true;
    for (const kind of wanted.filter((each) => !loaded.has(each))) {
      LOADERS[kind]().then(
        (module) => {
          loaded.set(kind, module.default);
          if (isHere) setCount((count) => count + 1);
        },
        () => undefined,
      );
    }
    return () => {
      isHere = false;
    };
  }, [isMath, isCode]);
  const rich = [isMath && loaded.get("formulas"), isCode && loaded.get("colours")].filter(
    (each) => each !== undefined && each !== false,
  );
  return { rich, isMath };
}
