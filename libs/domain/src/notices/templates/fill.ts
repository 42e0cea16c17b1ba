/** A template with its variables filled in. */

const placeholder = /\{\{(\w+)\}\}/;

/**
 * Each `{{name}}` becomes its value, as it is: what comes out of a value is not looked at again, so that no name can name a variable. `literal`
 * sees what stands between them. A value that is empty takes the space before it along.
 */
export function filled(
  template: string,
  values: Readonly<Record<string, string>>,
  literal: (text: string) => string = (text) => text,
): string {
  const parts = template.split(placeholder);
  let text = '';
  for (let i = 0; i < parts.length; i += 2) {
    const name = parts[i + 1];
    const value = name === undefined ? undefined : values[name];
    if (name !== undefined && value === undefined)
      throw new Error(`A template names {{${name}}}, which is no variable.`);
    text += literal(parts[i] as string);
    text = value === '' ? text.replace(/\s$/, '') : text + (value ?? '');
  }
  return text.trim();
}

/** The variables a template names, in order. */
export function variablesIn(template: string): readonly string[] {
  return template.split(placeholder).filter((_part, i) => i % 2 === 1);
}
