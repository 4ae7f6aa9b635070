import { t } from "@lingui/core/macro";
import { Text } from "@mantine/core";
import { nameIn, useMemberNames, useNames } from "@/data/groups";
import type { Key } from "@/data/keys";
import { useMe } from "@/data/me";

/** Whose key it is, and in which project. */
export function BelongsTo({ apiKey }: { apiKey: Key }) {
  const { serviceAccounts, projects } = useNames();
  const me = useMe();
  const { member, service_account, project } = apiKey;
  const memberName = useMemberNames(member === null ? [] : [member]);
  const holder =
    service_account !== null
      ? nameIn(serviceAccounts, service_account)
      : member === null || member === me.data?.id
        ? t`You`
        : memberName(member);
  return (
    <Text span inherit>
      {holder}
      {project !== null && (
        <Text span inherit c="dimmed">
          {" "}
          {t`in ${{ project: nameIn(projects, project) }}`}
        </Text>
      )}
    </Text>
  );
}
