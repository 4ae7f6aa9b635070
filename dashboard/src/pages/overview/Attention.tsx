import { t } from "@lingui/core/macro";
import { Anchor, ThemeIcon } from "@mantine/core";
import { HandIcon, InfoIcon, TriangleAlertIcon } from "lucide-react";
import { Link } from "react-router";
import { useIsOffered } from "@/app/useIsOffered";
import { Panel } from "@/kit/Panel";
import classes from "./Attention.module.css";
import type { Notice } from "./attention";

const LEVELS = {
  stop: { icon: HandIcon, color: "red", told: t`Requests are refused:` },
  soon: { icon: TriangleAlertIcon, color: "orange", told: t`Soon:` },
  know: { icon: InfoIcon, color: "gray", told: t`For your information:` },
};

/** What needs attention, each with the way to mend it. */
export function Attention({ notices }: { notices: Notice[] }) {
  const isOffered = useIsOffered();
  if (notices.length === 0) return null;
  return (
    <Panel title={t`Needs your attention`}>
      <ul className={classes.list}>
        {notices.map(({ id, level, title, text, to, action }) => {
          const { icon: Icon, color, told } = LEVELS[level];
          return (
            <li key={id} className={classes.notice}>
              <ThemeIcon variant="light" color={color} radius="xl" size={34} role="img" aria-label={told}>
                <Icon size={19} strokeWidth={1.8} aria-hidden />
              </ThemeIcon>
              <div className={classes.words}>
                <strong className={classes.title}>{title}</strong>
                <span className={classes.text}>{text}</span>
              </div>
              {isOffered(to) && (
                <Anchor component={Link} to={to} size="sm" fw={550} className={classes.action}>
                  {action}
                </Anchor>
              )}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
