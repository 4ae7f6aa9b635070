import { t } from "@lingui/core/macro";
import { CONTENT_ID } from "./Root";
import classes from "./SkipLink.module.css";

/** The first thing that the tab key finds. */
export function SkipLink() {
  return (
    <a data-skip className={classes.link} href={`#${CONTENT_ID}`}>
      {t`Skip to content`}
    </a>
  );
}
