import { t } from "@lingui/core/macro";
import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { LogOutIcon, PencilIcon, UserMinusIcon, UserPlusIcon, UsersRoundIcon } from "lucide-react";
import { useState } from "react";
import { api, unwrap } from "@/api/client";
import { type Member, useMembers, useRefreshGroups } from "@/data/groups";
import { useMe } from "@/data/me";
import { useMay, useOrganisation } from "@/data/organisations";
import { ROLE_NAMES } from "@/data/roles";
import { Budget } from "@/kit/Budget";
import { confirm } from "@/kit/confirm";
import { Empty } from "@/kit/Empty";
import { FormDialog } from "@/kit/FormDialog";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { type RowAction, RowMenu } from "@/kit/RowMenu";
import { Unspaced } from "@/kit/Unspaced";
import { When } from "@/kit/When";
import { InviteForm } from "./InviteForm";
import { MemberForm } from "./MemberForm";
import { useLeave } from "./useLeave";

/** Who belongs to the organisation, as what, and what each has spent. */
export function Members() {
  const members = useMembers();
  const may = useMay();
  const [isInviting, setInviting] = useState(false);
  const [changing, setChanging] = useState<Member | null>(null);
  const invite = may("invitations.change") && (
    <Button leftSection={<UserPlusIcon size={16} aria-hidden />} onClick={() => setInviting(true)}>
      {t`Invite somebody`}
    </Button>
  );
  return (
    <Panel
      title={t`Members`}
      lead={t`Each spends with keys of their own, within their budget if they have one.`}
      flush
      actions={invite}
    >
      <PagedTable
        label={t`Members`}
        query={members}
        rowKey={(member) => member.id}
        columns={[
          { title: t`Name`, show: (member) => <Name member={member} /> },
          {
            title: t`Role`,
            show: ({ role }) => (
              <Badge variant="light" color={role === "owner" ? "brass" : "gray"}>
                {ROLE_NAMES[role]}
              </Badge>
            ),
          },
          {
            title: t`Spent this month`,
            align: "right",
            place: "figure",
            show: (member) => (
              <Group justify="flex-end">
                <Budget budget={member.budget} name={member.full_name ?? member.email} />
              </Group>
            ),
          },
          { title: t`Came`, show: ({ created_at }) => <When at={created_at} relative /> },
          {
            title: t`Actions`,
            align: "right",
            place: "action",
            show: (member) => <Actions member={member} onChange={() => setChanging(member)} />,
          },
        ]}
        empty={
          <Empty icon={UsersRoundIcon} title={t`Nobody but you`}>
            {t`Invite people by their e-mail address: they get a link that works for a week.`}
          </Empty>
        }
      />
      <FormDialog title={t`Invite somebody`} opened={isInviting} onClose={() => setInviting(false)}>
        <InviteForm onClose={() => setInviting(false)} />
      </FormDialog>
      <FormDialog
        title={t`Change ${{ fullName: changing?.full_name ?? changing?.email ?? "" }}`}
        opened={changing !== null}
        onClose={() => setChanging(null)}
      >
        {changing !== null && <MemberForm member={changing} onClose={() => setChanging(null)} />}
      </FormDialog>
    </Panel>
  );
}

function Name({ member }: { member: Member }) {
  const me = useMe();
  return (
    <Stack gap={0}>
      <Text span size="sm" fw={550}>
        <Unspaced text={member.full_name ?? member.email} />
        {member.id === me.data?.id && (
          <Text span inherit fw={400} c="dimmed">
            {" "}
            {t`(you)`}
          </Text>
        )}
      </Text>
      {member.full_name !== null && (
        <Text span size="xs" c="dimmed">
          <Unspaced text={member.email} />
        </Text>
      )}
    </Stack>
  );
}

function Actions({ member, onChange }: { member: Member; onChange: () => void }) {
  const me = useMe();
  const may = useMay();
  const here = useOrganisation();
  const refresh = useRefreshGroups();
  const leave = useLeave();
  const name = member.full_name ?? member.email;
  const isSelf = member.id === me.data?.id;
  const remove = async () => {
    const isSure = await confirm({
      title: t`Remove ${name}?`,
      children: t`Their keys here stop within seconds, for good. What they have spent stays told.`,
      action: t`Remove member`,
      danger: true,
    });
    if (!isSure || here === undefined) return;
    try {
      await unwrap(
        api().DELETE("/api/orgs/{org}/members/{uid}", { params: { path: { org: here.id, uid: member.id } } }),
      );
      notifyDone(t`${name} is removed.`);
    } catch (error) {
      notifyProblem(error, t`The member was not removed`);
    }
    await refresh("members");
  };
  const isChangeable = may("members.change") && (member.role !== "owner" || may("owners.change"));
  const actions: RowAction[] = [];
  if (isChangeable) actions.push({ label: t`Change role or budget`, icon: PencilIcon, onClick: onChange });
  if (isSelf) actions.push({ label: t`Leave`, icon: LogOutIcon, danger: true, onClick: () => void leave() });
  else if (isChangeable) {
    actions.push({ label: t`Remove`, icon: UserMinusIcon, danger: true, onClick: () => void remove() });
  }
  return <RowMenu name={name} actions={actions} />;
}
