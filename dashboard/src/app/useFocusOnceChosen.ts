import { useEffect, useRef } from "react";
import { takeChoice } from "@/language/language";

/** For what the language is chosen with: it has the focus again once the page is there in the language that was chosen. */
export function useFocusOnceChosen() {
  const target = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (takeChoice()) target.current?.focus();
  }, []);
  return target;
}
