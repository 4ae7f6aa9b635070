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
    ...(me.data === undefined ? [] : [{ value: me.data.id, label: "Me" }]),
    { value: "admin-key", label: "The admin key" },
  ];
  if (actor && !actors.some(({ value }) => value === actor)) actors.push({ value: actor, label: actor });
  return (
    <Page
      title="Audit trail"
      lead="Who changed what. Each entry was written together with its change, so there is none without the other."
    >
      <Panel
        title="Changes"
        flush
        actions={
          <Group gap="sm">
            <Select
              aria-label="Action"
              placeholder="All actions"
              clearable
              searchable
              w={{ base: "100%", xs: 190 }}
              value={action || null}
              onChange={setAction}
              data={Object.entries(ACTIONS).map(([value, label]) => ({ value, label }))}
            />
            <Select
              aria-label="By whom"
              placeholder="By anybody"
              clearable
              w={{ base: "100%", xs: 160 }}
              value={actor || null}
              onChange={setActor}
              data={actors}
            />
            <SearchField
              label="Target, like plans/pro"
              initial={target}
              onSearch={setTarget}
              w={{ base: "100%", xs: 210 }}
            />
          </Group>
        }
      >
        <Trail
          filter={filter}
          label="Changes"
          empty={
            <Empty title={isNarrowed ? "No such changes" : "No changes yet"} icon={HistoryIcon}>
              {isNarrowed ? (
                <Text component="span" inherit>
                  Targets are named whole, like users/ID, pricing/MODEL, upstreams/ID or codes/CODE.
                </Text>
              ) : (
                "What operators do appears here: credit, prices, upstreams, plans, codes."
              )}
            </Empty>
          }
        />
      </Panel>
    </Page>
  );
}
