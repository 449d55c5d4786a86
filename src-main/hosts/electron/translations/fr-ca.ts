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
  confirmation: {
    cancel: 'Annuler',
    warning: 'Si vous n’êtes pas à l’origine de cette action, choisissez Annuler.',
    field: (label, value) => `${label} : ${value}`,
    count,
    labels: {
      name: 'Nom',
      address: 'Adresse',
      newAddress: 'Nouvelle adresse',
      storedFor: 'Adresse précédente',
      folder: 'Dossier',
      backup: 'Sauvegarde',
      sessions: 'Séances',
      connections: 'Connexions',
    },
    unknown: 'inconnue',
    actions: {
      connectionDestination: {
        message: 'Autoriser une connexion à utiliser une nouvelle adresse ?',
        explanation: 'Session Desk envoie les identifiants des séances et le secret de la connexion à cette adresse.',
        confirm: 'Autoriser l’adresse',
      },
      feedDestination: {
        message: 'Autoriser un flux à utiliser une nouvelle adresse ?',
        explanation: 'Session Desk lit des séances à cette adresse. Si le flux a un secret, il y est envoyé.',
        confirm: 'Autoriser l’adresse',
      },
      feedFolder: {
        message: 'Autoriser un flux à lire un dossier ?',
        explanation: 'Session Desk lit les fichiers de ce dossier et en importe des séances.',
        confirm: 'Autoriser le dossier',
      },
      secretDestination: {
        message: 'Envoyer un secret à une autre adresse ?',
        explanation: 'Le secret enregistré est remplacé. Le nouveau secret est envoyé à la nouvelle adresse.',
        confirm: 'Remplacer le secret',
      },
      restoreBackup: {
        message: 'Restaurer une sauvegarde ?',
        explanation:
          'Les séances, les notes, les lots et les connexions reviennent à leur état de ce moment-là. ' +
          'La base de données actuelle est conservée dans un fichier distinct.',
        confirm: 'Restaurer la sauvegarde',
      },
      deleteBackup: {
        message: 'Supprimer une sauvegarde ?',
        explanation: 'La sauvegarde ne peut plus être restaurée ensuite.',
        confirm: 'Supprimer la sauvegarde',
      },
      productionBatch: {
        message: 'Annuler de vraies séances de paiement ?',
        explanation: 'Le lot annule des séances de production de clients. Une annulation est irréversible.',
        confirm: 'Démarrer le lot',
      },
    },
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
