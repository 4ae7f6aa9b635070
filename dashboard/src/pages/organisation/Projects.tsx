import { t } from "@lingui/core/macro";
import { Button, Group, Text } from "@mantine/core";
import { FolderIcon, PencilIcon, PlusIcon, Trash2Icon } from "lucide-react";
import { useState } from "react";
import { api, unwrap } from "@/api/client";
import { type Project, useProjects, useRefreshGroups } from "@/data/groups";
import { useMay, useOrganisation } from "@/data/organisations";
import { Budget } from "@/kit/Budget";
import { confirm } from "@/kit/confirm";
import { Empty } from "@/kit/Empty";
import { FormDialog } from "@/kit/FormDialog";
import { notifyDone, notifyProblem } from "@/kit/notify";
import { PagedTable } from "@/kit/PagedTable";
import { Panel } from "@/kit/Panel";
import { RowMenu } from "@/kit/RowMenu";
import { When } from "@/kit/When";
import { ProjectForm } from "./ProjectForm";

/** Groups of keys, each with what it may spend in a month. */
export function Projects() {
  const projects = useProjects();
  const may = useMay();
  const [editing, setEditing] = useState<Project | "new" | null>(null);
  const isNew = editing === "new";
  const create = may("projects.change") && (
    <Button leftSection={<PlusIcon size={16} aria-hidden />} onClick={() => setEditing("new")}>
      {t`New project`}
    </Button>
  );
  return (
    <Panel
      title={t`Projects`}
      lead={t`A project is a group of keys that share a budget. A key says which one it is in when it is made.`}
      flush
      actions={create}
    >
      <PagedTable
        label={t`Projects`}
        query={projects}
        rowKey={(project) => project.id}
        columns={[
          {
            title: t`Name`,
            show: ({ name }) => (
              <Text span size="sm" fw={550}>
                {name}
              </Text>
            ),
          },
          {
            title: t`Spent this month`,
            align: "right",
            place: "figure",
            show: (project) => (
              <Group justify="flex-end">
                <Budget budget={project.budget} name={project.name} />
              </Group>
            ),
          },
          { title: t`Made`, show: ({ created_at }) => <When at={created_at} relative /> },
          {
            title: t`Actions`,
            align: "right",
            place: "action",
            show: (project) => <Actions project={project} onChange={() => setEditing(project)} />,
          },
        ]}
        empty={
          <Empty icon={FolderIcon} title={t`No project yet`}>
            {t`Make one for a product, a team or a customer, and see what it costs by itself.`}
          </Empty>
        }
      />
      <FormDialog
        title={editing === null || isNew ? t`New project` : t`Change ${{ editing: editing.name }}`}
        opened={editing !== null}
        onClose={() => setEditing(null)}
      >
        <ProjectForm project={isNew ? null : editing} onClose={() => setEditing(null)} />
      </FormDialog>
    </Panel>
  );
}

function Actions({ project, onChange }: { project: Project; onChange: () => void }) {
  const may = useMay();
  const here = useOrganisation();
  const refresh = useRefreshGroups();
  if (!may("projects.change") || here === undefined) return null;
  const remove = async () => {
    const isSure = await confirm({
      title: t`Remove ${{ project: project.name }}?`,
      children: t`All its keys stop within seconds, for good. What they have spent stays told.`,
      action: t`Remove project`,
      danger: true,
    });
    if (!isSure) return;
    const path = { org: here.id, id: project.id };
    try {
      await unwrap(api().DELETE("/api/orgs/{org}/projects/{id}", { params: { path } }));
      notifyDone(t`${{ project: project.name }} is removed.`);
    } catch (error) {
      notifyProblem(error, t`The project was not removed`);
    }
    await refresh("projects");
  };
  return (
    <RowMenu
      name={project.name}
      actions={[
        { label: t`Change`, icon: PencilIcon, onClick: onChange },
        { label: t`Remove`, icon: Trash2Icon, danger: true, onClick: () => void remove() },
      ]}
    />
  );
}
