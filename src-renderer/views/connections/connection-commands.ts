/** What can be done with a connection in a dialog; also the name of the query that opens it: `/connections?replace=<id>`. */
export const connectionActs = ['change', 'pace', 'replace', 'events', 'forget', 'forgetEvents', 'remove'] as const;
export type ConnectionAct = (typeof connectionActs)[number];
