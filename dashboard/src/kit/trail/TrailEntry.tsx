import { Collapse, Text } from "@mantine/core";
import { type ReactNode, useId, useState } from "react";
import { useZone } from "@/data/me";
import { Opener } from "../Opener";
import { Difference } from "./Difference";
import { differences } from "./difference";
import classes from "./Trail.module.css";

interface Props {
  /** What was done, in words. */
  action: string;
  /** To what, where that is not plain. */
  target: ReactNode;
  /** By whom, and when. */
  by: ReactNode;
  change: { before: Record<string, unknown> | null; after: Record<string, unknown> | null };
}

/** An entry of a trail; it opens to what was before and is after. */
export function TrailEntry({ action, target, by, change }: Props) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const zone = useZone();
  return (
    <div className={classes.entry}>
      <div className={classes.head}>
        <Opener isOpen={isOpen} controls={id} onClick={() => setOpen(!isOpen)}>
          <Text component="span" size="sm" fw={550}>
            {action}
          </Text>
        </Opener>
        {target}
        <div className={classes.by}>
          <Text component="span" size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {by}
          </Text>
        </div>
      </div>
      <Collapse expanded={isOpen} id={id}>
        {isOpen && (
          <div className={classes.detail}>
            <Difference lines={differences(change.before, change.after, zone)} />
          </div>
        )}
      </Collapse>
    </div>
  );
}
