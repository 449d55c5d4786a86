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
    openPalette: 'Commandes',
    searchSessions: 'Rechercher des séances',
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
    showShortcuts: 'Raccourcis clavier',
  },
  notification: {
    needsAttention: (batch) => `Le lot ${count(batch)} requiert votre attention`,
    finished: (batch) => `Le lot ${count(batch)} est terminé`,
    stopped: (batch) => `Le lot ${count(batch)} est arrêté`,
    paused: (connection) => `${connection} est suspendue.`,
    recommendedActions: {
      replace_secret: 'Son secret manque ou n’a pas été accepté. Remplacez le secret.',
      unlock_keychain: 'Le trousseau est verrouillé. Déverrouillez-le.',
      unlock_connection: 'La connexion est verrouillée. Déverrouillez-la.',
      check_network: 'Le fournisseur ne peut pas être joint. Vérifiez le réseau.',
      ask_provider: 'Le fournisseur refuse les requêtes. Communiquez avec le fournisseur.',
      free_disk: 'Le disque est plein. Libérez de l’espace disque.',
      look_at_outcomes: 'Trop de séances ont échoué. Examinez leurs résultats.',
    },
    cancelled: (cancelled, eligible) =>
      `${count(cancelled)} ${plural(cancelled, 'séance annulée', 'séances annulées')} sur ${count(eligible)}.`,
    unknown: (sessions) => `Le résultat de ${count(sessions)} ${plural(sessions, 'séance', 'séances')} est inconnu.`,
  },
  quit: {
    message: (batches) =>
      `${plural(batches.length, 'Le lot', 'Les lots')} ${list(batches)} ` +
      `${plural(batches.length, 'est', 'sont')} en cours. Quitter quand même ?`,
    detail: (remaining, batches) =>
      'Les annulations en cours sont consignées, et rien d’autre n’est envoyé. ' +
      `${count(remaining)} ${plural(remaining, 'séance est', 'séances sont')} encore en attente. ` +
      'Au prochain démarrage, ' +
      `${plural(batches, 'le lot est affiché comme interrompu', 'les lots sont affichés comme interrompus')}. ` +
      'Rien ne continue tant que vous ne reprenez pas.',
    keepRunning: 'Laisser continuer',
    quit: 'Quitter',
  },
  rendererCrashed: {
    message: 'La fenêtre a cessé de fonctionner et a été rechargée.',
    detail:
      'Rien de ce qui a été envoyé n’est perdu. Les annulations s’exécutent et sont consignées hors de la fenêtre.',
    button: 'Continuer',
  },
  fatalError: {
    title: 'Session Desk doit se fermer',
    body:
      'Un problème imprévu est survenu et Session Desk ne peut pas continuer. ' +
      'Tout ce qui a déjà été envoyé est consigné. ' +
      'Relancez Session Desk. Il vérifie alors auprès du fournisseur le statut des annulations inachevées. ' +
      'Le fichier desk.log, dans le dossier de données, indique où le problème est survenu.',
  },
};
