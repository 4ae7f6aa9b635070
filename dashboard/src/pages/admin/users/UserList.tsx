import { t } from "@lingui/core/macro";
import { Button, Checkbox } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { UserPlusIcon, UsersIcon } from "lucide-react";
import { useCallback, useState } from "react";
import { api, unwrap } from "@/api/client";
import { pagesOf } from "@/data/pages";
import { Empty } from "@/kit/Empty";
import { ExportMenu, type Format } from "@/kit/ExportMenu";
import { Money } from "@/kit/Money";
import { Page } from "@/kit/Page";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import { NameLink, pageBelow } from "../parts/NameLink";
import { Status } from "../parts/Status";
import { ADMIN } from "../parts/useChange";
import { BulkBar } from "./BulkBar";
import { ProvisionForm } from "./ProvisionForm";
import { UserFilters } from "./UserFilters";
import { isGone, type ManagedUser, nameOf, sayCount } from "./users";
import { isNarrowed, type UserQuery, useUserView } from "./userView";

/** Users, found by name, address, status, plan, balance or tenant, and changed together. */
export function UserList() {
  const [isMaking, make] = useDisclosure(false);
  const { view, change, query } = useUserView();
  const [chosen, setChosen] = useState<ReadonlyMap<string, ManagedUser>>(new Map());
  const users = useInfiniteQuery({
    queryKey: [ADMIN, "users", query],
    ...pagesOf((cursor) =>
      unwrap(api().GET("/api/admin/users", { params: { query: { ...query, cursor } } })),
    ),
    placeholderData: (former) => former, // the table stays while the next search runs
  });
  const shown = users.data?.pages.flatMap(({ data }) => data) ?? [];

  const read = (format: Format) => {
    const params = { query: { ...query, format } };
    return unwrap(api().GET("/api/admin/users/export", { params, parseAs: "blob" }));
  };
  // One function for good, so that a row is drawn anew only where it is chosen.
  const choose = useCallback((user: ManagedUser, isChosen: boolean) => {
    setChosen((former) => {
      const next = new Map(former);
      if (isChosen) next.set(user.id, user);
      else next.delete(user.id);
      return next;
    });
  }, []);

  return (
    <Page
      title={t`Users`}
      lead={t`Everybody with an account: their balance, plan and limits.`}
      actions={
        <>
          <ExportMenu name="users" read={read} />
          <Button leftSection={<UserPlusIcon size={18} aria-hidden />} onClick={make.open}>
            {t`Add user`}
          </Button>
        </>
      }
    >
      <Panel title={t`Accounts`} lead={<Count query={query} />} flush>
        <UserFilters view={view} change={change} />
        <BulkBar
          chosen={[...chosen.values()]}
          shown={shown.filter((user) => !isGone(user))}
          onChoose={(all) => setChosen(new Map(all.map((user) => [user.id, user])))}
        />
        <PagedTable
          label={t`Users`}
          query={users}
          rowKey={(user) => user.id}
          columns={[
            {
              title: t`Chosen`,
              place: "choice",
              show: (user) => <Choice user={user} isChosen={chosen.has(user.id)} onChoose={choose} />,
            },
            {
              title: t`User`,
              place: "name",
              show: (user) => (
                <NameLink
                  to={pageBelow("/admin/users", user.id)}
                  note={user.is_organisation ? t`Organisation` : user.full_name}
                >
                  {nameOf(user)}
                </NameLink>
              ),
            },
            { title: t`Status`, show: (user) => <Standing user={user} /> },
            { title: t`Plan`, show: (user) => user.plan },
            { title: t`Tenant`, place: "wide", show: (user) => user.tenant_id },
            {
              title: t`Balance`,
              place: "figure",
              align: "right",
              show: (user) => <Money usd={user.balance_usd} rounding="down" />,
            },
            {
              title: t`Spent this month`,
              align: "right",
              show: (user) => <Money usd={user.budget.spent_usd} />,
            },
            {
              title: t`Since`,
              align: "right",
              place: "wide",
              show: (user) => <When at={user.created_at} relative />,
            },
          ]}
          empty={
            isNarrowed(view) ? (
              <Empty title={t`Nobody found`} icon={UsersIcon}>
                {t`Names and addresses are searched in any part, tenants by their whole name. Clear a filter to see more.`}
              </Empty>
            ) : (
              <Empty title={t`No users yet`} icon={UsersIcon}>
                {t`Users appear here when they sign up, or when you add them.`}
              </Empty>
            )
          }
        />
      </Panel>
      <ProvisionForm opened={isMaking} onClose={make.close} />
    </Page>
  );
}

interface ChoiceProps {
  user: ManagedUser;
  isChosen: boolean;
  onChoose: (user: ManagedUser, isChosen: boolean) => void;
}

function Choice({ user, isChosen, onChoose }: ChoiceProps) {
  return (
    <Checkbox
      aria-label={t`Choose ${{ name: nameOf(user) }}`}
      checked={isChosen}
      disabled={isGone(user)}
      onChange={(event) => onChoose(user, event.currentTarget.checked)}
    />
  );
}

/** How many there are. */
function Count({ query }: { query: UserQuery }) {
  const { sort: _, ...wanted } = query;
  const found = useQuery({
    queryKey: [ADMIN, "user-count", wanted],
    queryFn: () => unwrap(api().GET("/api/admin/users/count", { params: { query: wanted } })),
    placeholderData: (former) => former,
  });
  if (found.data === undefined) return found.isError ? null : "…"; // the list tells the problem
  return sayCount(found.data);
}

/** Whether a user can spend, and if not, why. */
export function Standing({ user }: { user: ManagedUser }) {
  if (user.closed_at !== null) return <Status tone="idle">{t`Closed`}</Status>;
  if (user.status === "suspended") return <Status tone="bad">{t`Suspended`}</Status>;
  if (user.status === "erased") return <Status tone="idle">{t`Erased`}</Status>;
  if (user.frozen) return <Status tone="warn">{t`Frozen`}</Status>;
  return <Status tone="good">{t`Active`}</Status>;
}
