import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Ranking.module.css";

export interface Rank {
  key: string;
  label: ReactNode;
  /** The length of the bar, against the longest. For money: `forChart(usd)`. */
  height: number;
  /** The figure itself. */
  told: ReactNode;
  /** What puts it in proportion. */
  note?: ReactNode;
}

interface Props {
  /** What is ranked, in a few words. */
  title: string;
  rows: Rank[];
  /** So many of them at most. */
  limit?: number;
  /** What is said where there are no rows. */
  empty?: string;
}

/** Bars with their names above them, the longest first: names of any length stay whole, which no axis leaves room for. */
export function Ranking({ title, rows, limit, empty = "Nothing in this time." }: Props) {
  if (rows.length === 0) return <Text c="dimmed">{empty}</Text>;
  const longest = Math.max(...rows.map(({ height }) => height)) || 1;
  const sorted = [...rows].sort((a, b) => b.height - a.height).slice(0, limit);
  return (
    <ol className={classes.list} aria-label={title}>
      {sorted.map(({ key, label, height, told, note }) => (
        <li key={key} className={classes.row}>
          <span className={classes.label}>{label}</span>
          <span className={`${classes.told} figures`}>{told}</span>
          <span className={classes.track} aria-hidden="true">
            {height > 0 && <span className={classes.bar} style={{ width: `${(height / longest) * 100}%` }} />}
          </span>
          {note !== undefined && <span className={classes.note}>{note}</span>}
        </li>
      ))}
    </ol>
  );
}
