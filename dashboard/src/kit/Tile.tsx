import { Paper, Text } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Tile.module.css";

interface Props {
  label: string;
  value: ReactNode;
  /** What puts the value in proportion. */
  note?: ReactNode;
}

/** One figure at a glance. Several of them go into `<Tiles>`. */
export function Tile({ label, value, note }: Props) {
  return (
    <Paper withBorder className={classes.tile}>
      <Text component="dt" size="sm" c="dimmed">
        {label}
      </Text>
      <Text component="dd" className={`${classes.value} figures`}>
        {value}
      </Text>
      {note !== undefined && (
        <Text component="dd" size="sm" c="dimmed" m={0}>
          {note}
        </Text>
      )}
    </Paper>
  );
}

/** A row of tiles, as many beside each other as there is room for. */
export function Tiles({ children }: { children: ReactNode }) {
  return (
    <div className={classes.place}>
      <dl className={classes.tiles}>{children}</dl>
    </div>
  );
}
