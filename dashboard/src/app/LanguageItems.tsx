import { Menu } from "@mantine/core";
import { CheckIcon } from "lucide-react";
import { chooseLanguage, LANGUAGES, type Language, language } from "@/language/language";

/** The languages that there are, as items of a menu. */
export function LanguageItems() {
  return (Object.keys(LANGUAGES) as Language[]).map((each) => (
    <Menu.Item
      key={each}
      lang={each}
      aria-current={each === language || undefined}
      rightSection={each === language && <CheckIcon size={16} aria-hidden />}
      onClick={() => chooseLanguage(each)}
    >
      {LANGUAGES[each].name}
    </Menu.Item>
  ));
}
