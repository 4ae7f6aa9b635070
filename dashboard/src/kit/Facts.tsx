import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Facts.module.css";

interface Props {
  title?: string;
  /** What each is called, and what it is. */
  facts: [name: string, value: ReactNode][];
}

/** Names and their values below each other. */
export function Facts({ title, facts }: Props) {
  return (
    <section>
      {title !== undefined && (
        <Title order={3} mb="xs">
          {title}
        </Title>
      )}
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name} className={classes.fact}>
            <dt>{name}</dt>
            <dd className="figures">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
