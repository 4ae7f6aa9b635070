import type { ReactNode } from "react";
import { Unspaced } from "@/kit/Unspaced";
import classes from "./Names.module.css";

/** Accounts by name, each with what is told of it: a list of `<NameRow>`. */
export function Names({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={classes.list} aria-label={label}>
      {children}
    </ul>
  );
}

export function NameRow({ name, children }: { name: string; children: ReactNode }) {
  return (
    <li className={classes.row}>
      <span className={classes.name}>
        <Unspaced text={name} />
      </span>
      {children}
    </li>
  );
}
