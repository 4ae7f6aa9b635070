import { t } from "@lingui/core/macro";
import { Select, SimpleGrid } from "@mantine/core";
import { useMemberChoices, useNames } from "@/data/groups";
import { useMay } from "@/data/organisations";
import type { Belonging } from "./terms";

const MOST_SHOWN = 100; // at once: the others are found by typing

interface Props {
  value: Belonging;
  onChange: (value: Belonging) => void;
  errors: Partial<Record<"member" | "service_account" | "project", React.ReactNode>>;
}

/** Whose key it is to be, and in which project: where there is a choice. It stays as it is made. */
export function BelongingFields({ value, onChange, errors }: Props) {
  const may = useMay();
  const { serviceAccounts, projects } = useNames();
  const members = useMemberChoices();
  const hasChoice = may("keys.of_others") && members.length + serviceAccounts.length > 1;
  if (!hasChoice && projects.length === 0) return null;
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }}>
      {hasChoice && (
        <Select
          label={t`Belongs to`}
          placeholder={t`You`}
          clearable
          searchable
          clearButtonProps={{ "aria-label": t`You` }}
          limit={MOST_SHOWN}
          nothingFoundMessage={t`Nobody of that name`}
          data={[
            {
              group: t`Service accounts`,
              items: serviceAccounts.map(({ id, name }) => ({ value: `service_account:${id}`, label: name })),
            },
            {
              group: t`Members`,
              items: members.map(({ id, name }) => ({ value: `member:${id}`, label: name })),
            },
          ]}
          value={value.holder}
          onChange={(holder) => onChange({ ...value, holder })}
          error={errors.member ?? errors.service_account}
        />
      )}
      {projects.length > 0 && (
        <Select
          label={t`Project`}
          placeholder={t`None`}
          clearable
          searchable
          clearButtonProps={{ "aria-label": t`None` }}
          limit={MOST_SHOWN}
          nothingFoundMessage={t`No project of that name`}
          data={projects.map(({ id, name }) => ({ value: id, label: name }))}
          value={value.project}
          onChange={(project) => onChange({ ...value, project })}
          error={errors.project}
        />
      )}
    </SimpleGrid>
  );
}
