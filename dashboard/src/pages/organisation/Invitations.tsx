import { t } from "@lingui/core/macro";
import { Stack, Text } from "@mantine/core";
import { MailIcon, Undo2Icon } from "lucide-react";
import { api, unwrap } from "@/api/client";
import { type Invitation, useInvitations, useMemberNames, useRefreshGroups } from "@/data/groups";
import { useMay, useOrganisation } from "@/data/organisations";
import { ROLE_NAMES } from "@/data/roles";
import { confirm } from "@/kit/confirm";
import { Empty } from "@/kit/Empty";
import { Money } from "@/kit/Money";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { RowMenu } from "@/kit/RowMenu";
import { Unspaced } from "@/kit/Unspaced";
import { When } from "@/kit/When";

/** Invitations that nobody has accepted yet. */
export function Invitations() {
  const invitations = useInvitations();
  const shown = invitations.data?.pages.flatMap(({ data }) => data) ?? [];
  const memberName = useMemberNames(shown.map(({ invited_by }) => invited_by));
  return (
    <Panel title={t`Invitations`} lead={t`Mails whose link nobody has followed yet.`} flush>
      <PagedTable
        label={t`Invitations`}
        query={invitations}
        rowKey={(invitation) => invitation.id}
        columns={[
          {
            title: t`To`,
            show: ({ email, invited_by }) => (
              <Stack gap={0}>
                <Text span size="sm" fw={550}>
                  <Unspaced text={email} />
                </Text>
                <Text span size="xs" c="dimmed">
                  {t`from ${{ name: memberName(invited_by) }}`}
                </Text>
              </Stack>
            ),
          },
          { title: t`Role`, show: ({ role }) => ROLE_NAMES[role] },
          {
            title: t`Monthly budget`,
            align: "right",
            show: ({ monthly_budget_usd }) =>
              monthly_budget_usd === null ? t`No limit` : <Money usd={monthly_budget_usd} exact />,
          },
          { title: t`Works until`, show: ({ expires_at }) => <When at={expires_at} relative /> },
          {
            title: t`Actions`,
            align: "right",
            place: "action",
            show: (invitation) => <Actions invitation={invitation} />,
          },
        ]}
        empty={
          <Empty icon={MailIcon} title={t`No invitation waits`}>
            {t`Whom you invite is listed here until they accept.`}
          </Empty>
        }
      />
    </Panel>
  );
}

function Actions({ invitation }: { invitation: Invitation }) {
  const may = useMay();
  const here = useOrganisation();
  const refresh = useRefreshGroups();
  if (!may("invitations.change") || here === undefined) return null;
  const withdraw = async () => {
    const isSure = await confirm({
      title: t`Withdraw this invitation?`,
      children: t`The link in the mail to ${{ email: invitation.email }} opens nothing any more.`,
      action: t`Withdraw invitation`,
      danger: true,
    });
    if (!isSure) return;
    const path = { org: here.id, id: invitation.id };
    try {
      await unwrap(api().DELETE("/api/orgs/{org}/invitations/{id}", { params: { path } }));
      notifyDone(t`The invitation is withdrawn.`);
    } catch (error) {
      notifyProblem(error, t`The invitation was not withdrawn`);
    }
    await refresh("invitations");
  };
  return (
    <RowMenu
      name={invitation.email}
      actions={[{ label: t`Withdraw`, icon: Undo2Icon, danger: true, onClick: () => void withdraw() }]}
    />
  );
}
