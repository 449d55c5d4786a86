import { createFormatters } from './formatters.ts';
import type { Messages } from './messages.ts';

const { count, list, plural } = createFormatters('fr-CA');

export const french: Messages = {
  menu: {
    file: 'Fichier',
    edit: 'Édition',
    view: 'Affichage',
    go: 'Aller',
    window: 'Fenêtre',
    help: 'Aide',
    about: 'À propos de Session Desk',
    services: 'Services',
    hide: 'Masquer Session Desk',
    hideOthers: 'Masquer les autres',
    unhide: 'Tout afficher',
    quitProgram: 'Quitter Session Desk',
    quit: 'Quitter',
    exit: 'Quitter',
    close: 'Fermer la fenêtre',
    undo: 'Défaire',
    redo: 'Refaire',
    cut: 'Couper',
    copy: 'Copier',
    paste: 'Coller',
    selectAll: 'Tout sélectionner',
    reload: 'Recharger',
    toggleDevTools: 'Outils de développement',
    resetZoom: 'Taille réelle',
    zoomIn: 'Zoom avant',
    zoomOut: 'Zoom arrière',
    togglefullscreen: 'Plein écran',
    minimize: 'Réduire',
    zoom: 'Réduire/agrandir',
    front: 'Tout ramener au premier plan',
    openPalette: 'Palette de commandes',
    searchSessions: 'Chercher des séances',
    addSession: 'Ajouter une séance…',
    importSessions: 'Importer des séances…',
    applyWebhookEvent: 'Appliquer un événement webhook…',
    addConnection: 'Connecter un fournisseur…',
    verifyAudit: 'Vérifier le journal d’audit',
    exportAudit: 'Exporter le journal d’audit…',
    goSessions: 'Séances',
    goBatches: 'Lots',
    goAudit: 'Audit',
    goConnections: 'Connexions',
    goSettings: 'Paramètres',
    showShortcuts: 'Clavier',
  },
  notification: {
    needsAttention: (batch) => `Le lot ${count(batch)} a besoin de vous`,
    finished: (batch) => `Le lot ${count(batch)} est terminé`,
    stopped: (batch) => `Le lot ${count(batch)} est arrêté`,
    paused: (connection) => `${connection} est suspendue.`,
    recommendedActions: {
      replace_secret: 'Son secret n’est pas accepté : remplacez-le.',
      unlock_keychain: 'Le trousseau est verrouillé : déverrouillez-le.',
      unlock_connection: 'La connexion est verrouillée : déverrouillez-la.',
      check_network: 'Le fournisseur ne peut pas être joint : vérifiez le réseau.',
      ask_provider: 'Le fournisseur refuse : demandez-lui ce qui ne va pas.',
      free_disk: 'Le disque est plein : libérez de l’espace.',
      look_at_outcomes: 'Trop de séances ont échoué : examinez leurs résultats.',
    },
    cancelled: (cancelled, eligible) =>
      `${count(cancelled)} ${plural(cancelled, 'séance annulée', 'séances annulées')} sur ${count(eligible)}.`,
    unknown: (sessions) =>
      `Le résultat de ${count(sessions)} ${plural(sessions, 'séance', 'séances')} n’est pas connu.`,
  },
  quit: {
    message: (batches) =>
      `${plural(batches.length, 'Le lot', 'Les lots')} ${list(batches)} ${plural(batches.length, 'est', 'sont')} en cours. Quitter quand même ?`,
    detail: (remaining, batches) =>
      'Ce qui est en cours est consigné, et rien d’autre n’est envoyé : ' +
      `${count(remaining)} ${plural(remaining, 'séance n’a', 'séances n’ont')} pas encore fait l’objet d’une demande. ` +
      `Au prochain démarrage, ${plural(batches, 'le lot est affiché comme interrompu', 'les lots sont affichés comme interrompus')}, ` +
      'et rien ne reprend avant votre accord.',
    keepRunning: 'Laisser continuer',
    quit: 'Quitter',
  },
  rendererCrashed: {
    message: 'La fenêtre a cessé de fonctionner et se recharge.',
    detail: 'Rien de ce qui a été envoyé n’est perdu : les annulations se font et sont consignées hors de la fenêtre.',
    button: 'Continuer',
  },
  fatalError: {
    title: 'Session Desk doit se fermer',
    body:
      'La console a subi une défaillance qui l’empêche de continuer. Ce qui a déjà été envoyé est consigné ; relancez-la, et elle relit ' +
      'auprès du fournisseur tout ce qui est resté en suspens. Le fichier desk.log, dans son dossier de données, dit où cela s’est produit.',
  },
};
