import type { ReactNode } from "react";
import classes from "./Facts.module.css";

export type Fact = [name: string, value: ReactNode];

/** What is known of something, by name. */
export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name} className={classes.fact}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
