import { t } from "@lingui/core/macro";
import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { PlayIcon } from "lucide-react";
import { Facts } from "@/kit/Facts";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { useOnce } from "@/kit/useOnce";
import { When } from "@/kit/When";
import { Status } from "../parts/Status";
import classes from "./JobCard.module.css";
import { useRunJob } from "./jobs";
import { isLate, type Job, sayDone, sayEvery, WHAT } from "./sayings";

/** A job: what it is for, when it ran last and what it did. */
export function JobCard({ job }: { job: Job }) {
  const run = useRunJob();
  const what = WHAT[job.name];
  const title = what?.title ?? job.name;
  const start = useOnce({
    mutationFn: () => run.mutateAsync(job.name),
    onSuccess: () => notifyDone(t`${title}: done.`),
    onError: (error) => notifyProblem(error, t`${title}: that did not run`),
  });
  return (
    <Paper withBorder component="article" className={classes.card} aria-label={title}>
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <div>
            <Group gap={8}>
              <Title order={2} size="h3">
                {title}
              </Title>
              {isLate(job, Date.now()) && <Status tone="warn">{t`Late`}</Status>}
            </Group>
            {what !== undefined && (
              <Text size="sm" c="dimmed">
                {what.lead}
              </Text>
            )}
          </div>
          <Button
            variant="default"
            size="xs"
            className={classes.run}
            leftSection={<PlayIcon size={16} aria-hidden />}
            loading={start.isPending}
            onClick={() => start.mutate()}
            aria-label={t`Run now: ${title}`}
          >
            {t`Run now`}
          </Button>
        </Group>
        <Text size="sm">
          {job.ran_at === null ? t`It has not run yet` : <When at={job.ran_at} relative />}
          {", "}
          <Text component="span" inherit c="dimmed">
            {t`meant to run ${{ every: sayEvery(job.every_s) }}`}
          </Text>
        </Text>
        <Facts facts={sayDone(job.done)} />
      </Stack>
    </Paper>
  );
}
