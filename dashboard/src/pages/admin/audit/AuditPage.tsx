import { t } from "@lingui/core/macro";
import { Group, Select, Text } from "@mantine/core";
import { HistoryIcon } from "lucide-react";
import { useMe } from "@/data/me";
import { Empty } from "@/kit/Empty";
import { Page } from "@/kit/Page";
import { Panel } from "@/kit/Panel";
import { SearchField } from "../parts/SearchField";
import { useSearch } from "../parts/useSearch";
import { ACTIONS } from "./actions";
import { Trail, type TrailFilter } from "./Trail";

export default function AuditPage() {
  const me = useMe();
  const [action, setAction] = useSearch("action");
  const [actor, setActor] = useSearch("actor");
  const [target, setTarget] = useSearch("target");
  const filter: TrailFilter = {
    ...(action && { action }),
    ...(actor && { actor }),
    ...(target && { target }),
  };
  const isNarrowed = Object.keys(filter).length > 0;
  const actors = [
    ...(me.data === undefined ? [] : [{ value: me.data.id, label: t`Me` }]),
    { value: "admin-key", label: t`The admin key` },
  ];
  if (actor && !actors.some(({ value }) => value === actor)) actors.push({ value: actor, label: actor });
  return (
    <Page
      title={t`Audit trail`}
      lead={t`Who changed what. Each entry was written together with its change, so there is none without the other.`}
    >
      <Panel
        title={t`Changes`}
        flush
        actions={
          <Group gap="sm">
            <Select
              aria-label={t`Action`}
              placeholder={t`All actions`}
              clearable
              searchable
              w={{ base: "100%", xs: 190 }}
              value={action || null}
              onChange={setAction}
              data={Object.entries(ACTIONS).map(([value, label]) => ({ value, label }))}
            />
            <Select
              aria-label={t`By whom`}
              placeholder={t`By anybody`}
              clearable
              w={{ base: "100%", xs: 160 }}
              value={actor || null}
              onChange={setActor}
              data={actors}
            />
            <SearchField
              label={t`Target, like plans/pro`}
              initial={target}
              onSearch={setTarget}
              w={{ base: "100%", xs: 210 }}
            />
          </Group>
        }
      >
        <Trail
          filter={filter}
          label={t`Changes`}
          empty={
            <Empty title={isNarrowed ? t`No such changes` : t`No changes yet`} icon={HistoryIcon}>
              {isNarrowed ? (
                <Text component="span" inherit>
                  {t`Targets are named whole, like users/ID, pricing/MODEL, upstreams/ID or codes/CODE.`}
                </Text>
              ) : (
                t`What operators do appears here: credit, prices, upstreams, plans, codes.`
              )}
            </Empty>
          }
        />
      </Panel>
    </Page>
  );
}
