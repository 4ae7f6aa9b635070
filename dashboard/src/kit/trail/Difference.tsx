import { t } from "@lingui/core/macro";
import { Text } from "@mantine/core";
import classes from "./Difference.module.css";
import type { Line } from "./difference";
import { sayField } from "./words";

/** What changed, field by field: what it was, struck out, and what it is. */
export function Difference({ lines }: { lines: Line[] }) {
  if (lines.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t`Nothing is different: it was so already.`}
      </Text>
    );
  }
  return (
    <dl className={classes.lines}>
      {lines.map(({ field, before, after }) => (
        <div key={field} className={classes.line}>
          <dt>{sayField(field)}</dt>
          <dd>
            {before !== undefined && (
              <del className={classes.before}>
                <span className={classes.unseen}>{t`before:`} </span>
                {before}
              </del>
            )}
            {before !== undefined && after !== undefined && <span aria-hidden="true"> → </span>}
            {after !== undefined && (
              <ins className={classes.after}>
                <span className={classes.unseen}> {t`after:`} </span>
                {after}
              </ins>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
