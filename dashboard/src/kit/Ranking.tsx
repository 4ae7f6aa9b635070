import { t } from "@lingui/core/macro";
import { Text, UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Ranking.module.css";

export interface Rank {
  key: string;
  label: ReactNode;
  /** The length of the bar, against the longest. For money: `forChart(usd)`. */
  height: number;
  /** What the bar consists of, where that is more than one thing, in colours of the theme. */
  parts?: { height: number; color: string }[];
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
  /** What a row leads to, by its `key`. */
  onChoose?: (key: string) => void;
  /** What is said where there are no rows. */
  empty?: string;
}

/** Bars with their names above them, the longest first: names of any length stay whole, which no axis leaves room for. */
export function Ranking({ title, rows, limit, onChoose, empty = t`Nothing in this time.` }: Props) {
  if (rows.length === 0) return <Text c="dimmed">{empty}</Text>;
  const longest = Math.max(...rows.map(({ height }) => height)) || 1;
  const sorted = [...rows].sort((a, b) => b.height - a.height).slice(0, limit);
  return (
    <ol className={classes.list} aria-label={title}>
      {sorted.map(({ key, label, height, parts = [{ height, color: "fare.6" }], told, note }) => (
        <li key={key} className={classes.row}>
          <span className={classes.label}>
            {onChoose === undefined ? (
              label
            ) : (
              <UnstyledButton className={classes.chosen} onClick={() => onChoose(key)}>
                {label}
              </UnstyledButton>
            )}
          </span>
          <span className={`${classes.told} figures`}>{told}</span>
          <span className={classes.track} aria-hidden="true">
            {parts.map((part) => (
              <Bar key={part.color} share={part.height / longest} color={part.color} />
            ))}
          </span>
          {note !== undefined && <span className={classes.note}>{note}</span>}
        </li>
      ))}
    </ol>
  );
}

function Bar({ share, color }: { share: number; color: string }) {
  if (share <= 0) return null;
  const background = `var(--mantine-color-${color.replace(".", "-")})`;
  return <span className={classes.bar} style={{ width: `${share * 100}%`, background }} />;
}
