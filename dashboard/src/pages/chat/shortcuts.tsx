import { t } from "@lingui/core/macro";
import { Kbd, Table } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useNavigate } from "react-router";
import { dialogs } from "@/kit/dialogs";
import { answering } from "./answering";

const TOLD: [keys: string[], what: string][] = [
  [[t`Enter`], t`Send the question`],
  [[t`Shift`, t`Enter`], t`Begin a line`],
  [["/"], t`Write a question`],
  [[t`Alt`, "N"], t`New chat`],
  [[t`Alt`, "S"], t`Stop the answer`],
  [["?"], t`These shortcuts`],
];

/** What keys do in the chat, while nothing is written. */
export function useShortcuts(conversation: string, write: () => void): void {
  const navigate = useNavigate();
  useHotkeys([
    // Which of these takes Shift, the keyboard's language says: a German one has both above a digit or a letter.
    ["/", write],
    ["shift+/", write],
    ["?", showShortcuts],
    ["shift+?", showShortcuts],
  ]);
  useHotkeys(
    [
      ["alt+N", () => void navigate("/chat"), { usePhysicalKeys: true }],
      ["alt+S", () => answering.stop(conversation), { usePhysicalKeys: true }],
    ],
    [], // also while something is written
  );
}

export async function showShortcuts(): Promise<void> {
  (await dialogs()).open({
    title: t`Keyboard shortcuts`,
    children: (
      <Table aria-label={t`Keyboard shortcuts`}>
        <Table.Tbody>
          {TOLD.map(([keys, what]) => (
            <Table.Tr key={what}>
              <Table.Td>{what}</Table.Td>
              <Table.Td ta="end">
                {keys.map((key) => (
                  <Kbd key={key} ml={4}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    ),
  });
}
