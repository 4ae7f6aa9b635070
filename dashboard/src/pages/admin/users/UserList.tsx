import { t } from "@lingui/core/macro";
import { Button, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { UserPlusIcon, UsersIcon } from "lucide-react";
import { api, unwrap } from "@/api/client";
import { pagesOf } from "@/data/pages";
import { Empty } from "@/kit/Empty";
import { ExportMenu, type Format } from "@/kit/ExportMenu";
import { Money } from "@/kit/Money";
import { Page } from "@/kit/Page";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { When } from "@/kit/When";
import { Faint } from "../parts/Faint";
import { NameLink, pageBelow } from "../parts/NameLink";
import { SearchField } from "../parts/SearchField";
import { Status } from "../parts/Status";
import { ADMIN } from "../parts/useChange";
import { useSearch } from "../parts/useSearch";
import { ProvisionForm } from "./ProvisionForm";
import type { ManagedUser } from "./users";

/** Users, found by address or tenant. */
export function UserList() {
  const [isMaking, make] = useDisclosure(false);
  const [email, setEmail] = useSearch("email");
  const [tenant, setTenant] = useSearch("tenant");
  const filter = {
    email: email || undefined,
    tenant_id: tenant || undefined,
  };
  const isNarrowed = Object.values(filter).some((each) => each !== undefined);
  const users = useInfiniteQuery({
    queryKey: [ADMIN, "users", filter],
    ...pagesOf((cursor) =>
      unwrap(api().GET("/api/admin/users", { params: { query: { ...filter, cursor } } })),
    ),
    placeholderData: (former) => former, // the table stays while the next search runs
  });

  const read = (format: Format) => {
    const params = { query: { ...filter, format } };
    return unwrap(api().GET("/api/admin/users/export", { params, parseAs: "blob" }));
  };

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
      <Panel
        title={t`Accounts`}
        flush
        actions={
          <Group gap="sm">
            <SearchField
              label={t`Address begins with`}
              initial={email}
              onSearch={setEmail}
              w={{ base: "100%", xs: 230 }}
            />
            <SearchField
              label={t`Tenant`}
              initial={tenant}
              onSearch={setTenant}
              w={{ base: "100%", xs: 150 }}
            />
          </Group>
        }
      >
        <PagedTable
          label={t`Users`}
          query={users}
          rowKey={(user) => user.id}
          columns={[
            {
              title: t`User`,
              show: (user) => (
                <NameLink to={pageBelow("/admin/users", user.id)} note={user.full_name}>
                  {user.email}
                </NameLink>
              ),
            },
            { title: t`Status`, show: (user) => <Standing user={user} /> },
            { title: t`Plan`, show: (user) => user.plan ?? <Faint>{t`None`}</Faint> },
            { title: t`Tenant`, show: (user) => user.tenant_id ?? <Faint>{t`None`}</Faint> },
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
            { title: t`Since`, align: "right", show: (user) => <When at={user.created_at} relative /> },
          ]}
          empty={
            isNarrowed ? (
              <Empty title={t`Nobody found`} icon={UsersIcon}>
                {t`Addresses are searched from their beginning, tenants by their whole name. Clear a filter to see more.`}
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

/** Whether a user can spend, and if not, why. */
export function Standing({ user }: { user: ManagedUser }) {
  if (user.status === "suspended") return <Status tone="bad">{t`Suspended`}</Status>;
  if (user.frozen) return <Status tone="warn">{t`Frozen`}</Status>;
  return <Status tone="good">{t`Active`}</Status>;
}
