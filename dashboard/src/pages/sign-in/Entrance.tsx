import { t } from "@lingui/core/macro";
import { Alert, Group, Stack, Text, Title } from "@mantine/core";
import { TriangleAlertIcon } from "lucide-react";
import type { ReactNode } from "react";
import { LanguageSwitch } from "@/app/LanguageSwitch";
import { CONTENT_ID } from "@/app/Root";
import { SchemeSwitch } from "@/app/SchemeSwitch";
import { formatUsd } from "@/kit/money";
import { Wordmark } from "@/theme/Wordmark";
import classes from "./Entrance.module.css";

interface Props {
  title: string;
  lead?: ReactNode;
  /** What went wrong and belongs to no field. */
  problem?: string | null;
  children: ReactNode;
  /** The way to the page that was meant instead. */
  footer?: ReactNode;
}

/** What is around the pages for those who are not signed in. */
export function Entrance({ title, lead, problem = null, children, footer }: Props) {
  return (
    <div className={classes.split}>
      <title>{`${title} · Farebox`}</title>
      <aside className={classes.pitch} data-mantine-color-scheme="dark">
        <Wordmark size={30} />
        <div>
          <p className={classes.claim}>{t`Every request, paid to the billionth of a dollar.`}</p>
          <ul className={classes.facts}>
            <li>{t`One key for every model, over the API you know`}</li>
            <li>{t`Prepaid: nothing is spent that is not there`}</li>
            <li>{t`A receipt for each answer that you can check yourself`}</li>
          </ul>
        </div>
        <Ticket />
      </aside>
      <main id={CONTENT_ID} className={classes.main} tabIndex={-1}>
        <div className={classes.corner}>
          <span className={classes.mark}>
            <Wordmark size={26} />
          </span>
          <Group gap={0}>
            <LanguageSwitch />
            <SchemeSwitch />
          </Group>
        </div>
        <Stack gap="lg" className={classes.form}>
          <div>
            <Title order={1}>{title}</Title>
            {lead !== undefined && (
              <Text c="dimmed" mt={6}>
                {lead}
              </Text>
            )}
          </div>
          {problem !== null && (
            <Alert color="red" icon={<TriangleAlertIcon />} role="alert" variant="light">
              {problem}
            </Alert>
          )}
          {children}
          {footer !== undefined && (
            <Text size="sm" c="dimmed">
              {footer}
            </Text>
          )}
        </Stack>
      </main>
    </div>
  );
}

/** A receipt as the product writes them. */
function Ticket() {
  return (
    <div className={classes.ticket} aria-hidden="true">
      <div>
        <span>{t`812 tokens in`}</span>
        <span>{formatUsd("0.0000812", { exact: true })}</span>
      </div>
      <div>
        <span>{t`164 tokens out`}</span>
        <span>{formatUsd("0.0000656", { exact: true })}</span>
      </div>
      <div className={classes.total}>
        <span>{t`charged`}</span>
        <span>{formatUsd("0.0001468", { exact: true })}</span>
      </div>
    </div>
  );
}
