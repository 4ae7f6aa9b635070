import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Facts.module.css";

/** What something is called, and what it is. */
export type Fact = [name: string, value: ReactNode];

interface Props {
  title?: string;
  facts: Fact[];
  /** Beside each other, each name above its value, as far as there is room. */
  spread?: boolean;
}

/** Names and their values: below each other, unless they are spread. */
export function Facts({ title, facts, spread = false }: Props) {
  return (
    <section>
      {title !== undefined && (
        <Title order={3} mb="xs">
          {title}
        </Title>
      )}
      <dl className={spread ? classes.spread : classes.rows}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="figures">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
