import { t } from "@lingui/core/macro";
import { Button, Group, Select } from "@mantine/core";
import { XIcon } from "lucide-react";
import { useNames } from "@/data/groups";
import { useKeys } from "@/data/keys";
import type { UsageStats } from "@/data/usage";
import { DayRange } from "@/kit/DayRange";
import classes from "./RequestFilters.module.css";
import { statusLabel } from "./StatusBadge";
import { isFiltered, STATUSES, type Status, UNFILTERED, type View } from "./view";

interface Props {
  view: View;
  change: (changed: Partial<View>) => void;
  stats: UsageStats | undefined;
  keyName: (id: string) => string;
  memberName: (id: string) => string;
  projectName: (id: string) => string;
}

/** Which requests the page is about: its figures as well as its log. */
export function RequestFilters({ view, change, stats, keyName, memberName, projectName }: Props) {
  const used = stats?.by_key.map(({ name }) => name) ?? [];
  const keys = useKeys().data?.pages.flatMap((page) => page.data.map((key) => key.id)) ?? used;
  const members = withChosen(stats?.by_member.map(({ name }) => name) ?? [], view.member);
  const offered = [
    ...useNames().projects.map(({ id }) => id),
    ...(stats?.by_project.map(({ name }) => name) ?? []),
  ];
  const projects = withChosen(offered, view.project);
  const models = stats?.by_model.map(({ name }) => name) ?? [];
  return (
    <Group align="flex-end" className={classes.filters} gap="sm">
      <Select
        label={t`Model`}
        placeholder={t`All models`}
        data={withChosen(models, view.model)}
        value={view.model}
        onChange={(model) => change({ model })}
        searchable
        clearable
        clearButtonProps={{ "aria-label": t`All models` }}
      />
      <Select
        label={t`Key`}
        placeholder={t`All keys`}
        data={withChosen(keys, view.key).map((id) => ({ value: id, label: keyName(id) }))}
        value={view.key}
        onChange={(key) => change({ key })}
        searchable
        clearable
        clearButtonProps={{ "aria-label": t`All keys` }}
      />
      {members.length > 0 && (
        <Select
          label={t`Member`}
          placeholder={t`All members`}
          data={members.map((id) => ({ value: id, label: memberName(id) }))}
          value={view.member}
          onChange={(member) => change({ member })}
          searchable
          clearable
          clearButtonProps={{ "aria-label": t`All members` }}
        />
      )}
      {projects.length > 0 && (
        <Select
          label={t`Project`}
          placeholder={t`All projects`}
          data={projects.map((id) => ({ value: id, label: projectName(id) }))}
          value={view.project}
          onChange={(project) => change({ project })}
          searchable
          clearable
          clearButtonProps={{ "aria-label": t`All projects` }}
        />
      )}
      <DayRange
        className={classes.days}
        value={[view.from, view.to]}
        onChange={([from, to]) => change({ from, to })}
      />
      {isFiltered(view) && (
        <Button
          variant="subtle"
          color="gray"
          leftSection={<XIcon size={16} aria-hidden />}
          onClick={() => change(UNFILTERED)}
        >
          {t`Clear`}
        </Button>
      )}
    </Group>
  );
}

/** How the requests ended that the log lists. Figures are of all: what failed is told in them. */
export function StatusFilter({ view, change }: Pick<Props, "view" | "change">) {
  return (
    <Select
      aria-label={t`Status`}
      placeholder={t`Any status`}
      size="xs"
      w={130}
      data={STATUSES.map((status) => ({ value: status, label: statusLabel(status) }))}
      value={view.status}
      onChange={(status) => change({ status: status as Status | null })}
      clearable
      clearButtonProps={{ "aria-label": t`Any status` }}
    />
  );
}

/** What can be chosen, with what is chosen by the address even where it is none of it. */
function withChosen(offered: string[], chosen: string | null): string[] {
  return [...new Set(chosen === null ? offered : [...offered, chosen])];
}
